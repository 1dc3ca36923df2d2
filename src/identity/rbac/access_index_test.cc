#include "identity/rbac/access_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/testing/fake_random.h"
#include "identity/rbac/access_difference.h"
#include "identity/rbac/access_draft.h"
#include "identity/rbac/testing/access_model_set.h"

namespace writ::identity {
namespace {

using enum AccessVerb;

AccessIndex empty_index() {
  FakeRandom random;
  return AccessIndex(random);
}

AccessIndex index_of(const std::vector<AccessChange>& changes) {
  AccessDraft draft(empty_index());
  for (const AccessChange& change : changes) draft.apply(change);
  return std::move(draft).take();
}

// Casbin's example: alice → role:admin → role:user.
AccessIndex casbins_example() {
  return index_of({{assign_role, "alice", "role:admin"},
                   {assign_role, "role:admin", "role:user"},
                   {add_policy, "role:user", "doc", "read"},
                   {add_policy, "role:admin", "doc", "write"},
                   {add_policy, "alice", "secret", "read"}});
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

std::string permissions(const AccessIndex& index, const std::string& subject) {
  std::string out;
  index.for_each_permission(subject, [&](const GrantedPolicy& granted) {
    out += "[" + granted.policy.subject + "," + granted.policy.object + "," +
           granted.policy.action + " via " + joined(granted.via) + "]";
    return true;
  });
  return out;
}

TEST(AccessIndex, AnswersAsCasbinDoes) {
  const AccessIndex index = casbins_example();
  EXPECT_EQ(joined(index.roles_of("alice")), "role:admin");
  EXPECT_EQ(joined(index.implicit_roles_of("alice")), "role:admin role:user");
  EXPECT_EQ(permissions(index, "alice"),
            "[alice,secret,read via alice]"
            "[role:admin,doc,write via alice role:admin]"
            "[role:user,doc,read via alice role:admin role:user]");
  EXPECT_TRUE(index.allows("alice", "doc", "read"));
  EXPECT_FALSE(index.allows("alice", "doc", "delete"));
  EXPECT_FALSE(index.allows("nobody", "doc", "read"));
  EXPECT_EQ(index.counts(), (AccessCounts{.policies = 3, .assignments = 2, .roles = 2}));
}

TEST(AccessIndex, SaysWhichPolicyItWasAndTheShortestWayToIt) {
  AccessDraft draft(casbins_example());
  EXPECT_EQ(draft.apply({assign_role, "alice", "role:user"}), AccessOutcome::done);
  const AccessIndex index = std::move(draft).take();
  const AccessDecision decision = index.decide("alice", "doc", "read");
  EXPECT_EQ(decision.matched, (Policy{"role:user", "doc", "read"}));
  EXPECT_EQ(joined(decision.via), "alice role:user");
  const AccessDecision denied = index.decide("alice", "doc", "delete");
  EXPECT_EQ(denied.matched, std::nullopt);
  EXPECT_EQ(denied.roles, 2U);
}

TEST(AccessIndex, FollowsRolesToAnyDepth) {
  AccessDraft draft(empty_index());
  const auto role = [](int number) { return "role:" + std::to_string(number); };
  constexpr int kDepth = 1000;
  for (int i = 0; i < kDepth; ++i) draft.apply({assign_role, role(i), role(i + 1)});
  draft.apply({add_policy, role(kDepth), "deep", "read"});
  const AccessIndex index = std::move(draft).take();
  EXPECT_TRUE(index.allows("role:0", "deep", "read"));
  const AccessDecision decision = index.decide("role:0", "deep", "read");
  ASSERT_EQ(decision.via.size(), 1001U);
  EXPECT_EQ(decision.via.back(), "role:1000");
  EXPECT_EQ(index.implicit_roles_of("role:0").size(), 1000U);
}

TEST(AccessIndex, RefusesRolesThatRunInACircleAndNamesIt) {
  AccessDraft draft(casbins_example());
  EXPECT_EQ(draft.apply({assign_role, "role:user", "role:admin"}), AccessOutcome::refused);
  EXPECT_EQ(draft.circle(), "role:user -> role:admin -> role:user");
  EXPECT_EQ(draft.apply({assign_role, "role:user", "role:user"}), AccessOutcome::refused);
  EXPECT_EQ(draft.circle(), "role:user -> role:user");
  EXPECT_EQ(draft.index().counts(), casbins_example().counts());
}

TEST(AccessIndex, LeavesEveryoneWhoHasAnOlderOneWithWhatTheySaw) {
  const AccessIndex before = casbins_example();
  AccessDraft draft(before);
  EXPECT_EQ(draft.apply({remove_policy, "role:user", "doc", "read"}), AccessOutcome::done);
  EXPECT_EQ(draft.apply({unassign_role, "alice", "role:admin"}), AccessOutcome::done);
  const AccessIndex after = std::move(draft).take();
  EXPECT_EQ(permissions(after, "alice"), "[alice,secret,read via alice]");
  EXPECT_TRUE(before.allows("alice", "doc", "read"));
  EXPECT_EQ(joined(before.implicit_roles_of("alice")), "role:admin role:user");
}

TEST(AccessIndex, ForgetsWhomNothingNamesAnyMore) {
  AccessDraft draft(index_of({{add_policy, "bob", "doc", "read"}, {assign_role, "bob", "staff"}}));
  EXPECT_EQ(draft.apply({remove_policy, "bob", "doc", "read"}), AccessOutcome::done);
  EXPECT_EQ(draft.apply({unassign_role, "bob", "staff"}), AccessOutcome::done);
  EXPECT_EQ(draft.index().find("bob"), nullptr);
  EXPECT_TRUE(draft.index().is_role("staff"));
  EXPECT_EQ(draft.apply({delete_role, "staff"}), AccessOutcome::done);
  EXPECT_EQ(draft.index().find("staff"), nullptr);
  EXPECT_EQ(draft.index().counts(), AccessCounts{});
  EXPECT_EQ(draft.index().memory_bytes(), empty_index().memory_bytes());
}

TEST(AccessDifference, TellsOnlyWhoReallyGainsOrLoses) {
  AccessDraft draft(casbins_example());
  draft.apply({assign_role, "bob", "role:admin"});
  draft.apply({add_policy, "bob", "doc", "read"});
  const AccessIndex before = draft.index();
  AccessDraft next(before);
  next.apply({remove_policy, "role:user", "doc", "read"});
  next.apply({add_policy, "role:admin", "doc", "sign"});
  const AccessDifference found = difference(before, next.index(), {"role:user", "role:admin"});
  EXPECT_EQ(found.lost, (std::vector<Policy>{{"alice", "doc", "read"}}));
  EXPECT_EQ(found.gained, (std::vector<Policy>{{"alice", "doc", "sign"}, {"bob", "doc", "sign"}}));
  EXPECT_EQ(found.subjects, 2U);
  EXPECT_FALSE(found.is_cut);
  const AccessDifference cut =
      difference(before, next.index(), {"role:admin"}, {.entries = 1, .checks = 1000});
  EXPECT_TRUE(cut.is_cut);
  EXPECT_EQ(cut.gained, (std::vector<Policy>{{"alice", "doc", "sign"}}));
}

// Few names, so that changes meet.
std::string one_of(const char* kind, int count, int number) {
  return kind + std::to_string(number % count);
}

AccessChange some_change() {
  const int number = *rc::gen::inRange(0, 1000);
  const int other = *rc::gen::inRange(0, 1000);
  const std::string subject =
      number % 3 == 0 ? one_of("user", 6, other) : one_of("role", 8, number / 3);
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return {remove_policy, subject, one_of("object", 4, other), one_of("action", 2, number)};
    case 1:
      return {unassign_role, subject, one_of("role", 8, other)};
    case 2:
      return {create_role, one_of("role", 8, other)};
    case 3:
    case 4:
    case 5:
      return {assign_role, subject, one_of("role", 8, other)};
    default:
      return {add_policy, subject, one_of("object", 4, other), one_of("action", 2, number)};
  }
}

std::vector<AccessChange> some_changes(int most) {
  std::vector<AccessChange> out;
  const int count = *rc::gen::inRange(1, most);
  for (int i = 0; i < count; ++i) out.push_back(some_change());
  return out;
}

void expect_the_same(const AccessIndex& index, AccessModelSet& model) {
  RC_ASSERT(index.counts().policies == model.policies.size());
  RC_ASSERT(index.counts().roles == model.declared.size());
  for (int i = 0; i < 14; ++i) {
    const std::string subject = i < 6 ? one_of("user", 6, i) : one_of("role", 8, i - 6);
    RC_ASSERT(index.implicit_roles_of(subject) == model.implicit_roles(subject));
    for (int at = 0; at < 8; ++at) {
      const std::string object = one_of("object", 4, at);
      const std::string action = one_of("action", 2, at / 4);
      const bool expected = model.allows(subject, object, action);
      RC_ASSERT(index.allows(subject, object, action) == expected);
      const AccessDecision decision = index.decide(subject, object, action);
      RC_ASSERT(decision.is_allowed == expected);
      if (expected) {
        RC_ASSERT(model.policies.contains(*decision.matched));
        RC_ASSERT(decision.via.front() == subject);
        for (std::size_t step = 1; step < decision.via.size(); ++step) {
          RC_ASSERT(model.roles[decision.via[step - 1]].contains(decision.via[step]));
        }
      }
    }
  }
}

RC_GTEST_PROP(AccessIndex, AgreesWithSetsAfterAnyHistory, ()) {
  AccessModelSet model;
  AccessDraft draft(empty_index());
  for (const AccessChange& change : some_changes(120)) {
    RC_ASSERT(draft.apply(change) == model.apply(change));
  }
  expect_the_same(draft.index(), model);
}

RC_GTEST_PROP(AccessDifference, IsWhatChecksBeforeAndAfterSay, ()) {
  AccessModelSet before_model;
  AccessDraft first(empty_index());
  for (const AccessChange& change : some_changes(80)) {
    first.apply(change);
    before_model.apply(change);
  }
  const AccessIndex before = first.index();
  AccessModelSet after_model = before_model;
  AccessDraft second(before);
  std::set<std::string> touched;
  for (const AccessChange& change : some_changes(20)) {
    if (second.apply(change) == AccessOutcome::done) touched.insert(change.subject);
    after_model.apply(change);
  }
  const AccessDifference found = difference(before, second.index(), touched);
  std::vector<Policy> gained;
  std::vector<Policy> lost;
  const auto is_role = [&](const std::string& name) {
    return before.is_role(name) || second.index().is_role(name);
  };
  for (int i = 0; i < 14; ++i) {
    const std::string subject = i < 6 ? one_of("user", 6, i) : one_of("role", 8, i - 6);
    if (is_role(subject)) continue;
    for (int at = 0; at < 8; ++at) {
      const Policy asked{subject, one_of("object", 4, at), one_of("action", 2, at / 4)};
      const bool had = before_model.allows(subject, asked.object, asked.action);
      const bool has = after_model.allows(subject, asked.object, asked.action);
      if (has && !had) gained.push_back(asked);
      if (had && !has) lost.push_back(asked);
    }
  }
  std::ranges::sort(gained);
  std::ranges::sort(lost);
  RC_ASSERT(found.gained == gained);
  RC_ASSERT(found.lost == lost);
  const AccessDifference of_all = difference(before, second.index());
  RC_ASSERT(of_all.gained == gained);
  RC_ASSERT(of_all.lost == lost);
}

TEST(AccessIndex, HoldsManyThousandsAndGivesAllOfThemBack) {
  AccessDraft draft(empty_index());
  const auto policy = [](int i, AccessVerb verb) {
    return AccessChange{verb, "group" + std::to_string(i % 977), "data" + std::to_string(i),
                        "read"};
  };
  constexpr int kMany = 40'000;
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(draft.apply(policy(i, add_policy)), AccessOutcome::done) << i;
  }
  const AccessIndex full = draft.index();
  AccessDraft emptied(full);
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(emptied.index().has_policy(
        {policy(i, add_policy).subject, "data" + std::to_string(i), "read"}))
        << i;
    ASSERT_EQ(emptied.apply(policy(i, remove_policy)), AccessOutcome::done) << i;
  }
  EXPECT_EQ(emptied.index().counts(), AccessCounts{});
  EXPECT_EQ(full.counts().policies, 40'000U);
  EXPECT_TRUE(full.allows("group5", "data982", "read"));
}

}  // namespace
}  // namespace writ::identity
