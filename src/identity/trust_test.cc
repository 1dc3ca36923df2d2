#include "identity/trust.h"

#include <gtest/gtest.h>

#include "identity/testing/people.h"

namespace writ::identity {
namespace {

constexpr WallTime kNow{1'767'225'600'000'000};
constexpr std::int64_t kHour = 3'600'000'000;

WallTime hours_from_now(std::int64_t hours) { return {kNow.micros + hours * kHour}; }

TEST(Trust, TrustsNobodyAtFirst) {
  const Trust trust;
  EXPECT_TRUE(trust.keys().empty());
  EXPECT_EQ(trust.find(key_named("alice").id()), nullptr);
  EXPECT_FALSE(trust.may(key_named("alice").id(), "maintainer", kNow));
}

TEST(Trust, LetsAKeyDoWhatItsRolesSay) {
  const Trust trust = sample_trust();
  const auto alice = key_named("alice").id();
  EXPECT_TRUE(trust.may(alice, "maintainer", kNow));
  EXPECT_FALSE(trust.may(alice, "runner", kNow));
  EXPECT_FALSE(trust.may(alice, "", kNow));
  EXPECT_FALSE(trust.may(key_named("mallory").id(), "maintainer", kNow));
  EXPECT_EQ(trust.find(alice)->name, "alice");
}

TEST(Trust, EndsAKeyAtItsExpiry) {
  Trust trust;
  TrustedKey key = trusted("alice", {"maintainer"});
  key.expires = hours_from_now(1);
  ASSERT_TRUE(trust.add(key));
  EXPECT_TRUE(trust.may(key.id(), "maintainer", kNow));
  EXPECT_FALSE(trust.may(key.id(), "maintainer", hours_from_now(1)));
  EXPECT_FALSE(trust.may(key.id(), "maintainer", hours_from_now(2)));
}

TEST(Trust, EndsAKeyAtItsRevocation) {
  Trust trust = sample_trust();
  const auto alice = key_named("alice").id();
  ASSERT_TRUE(trust.revoke(alice, hours_from_now(1), "laptop lost"));
  EXPECT_TRUE(trust.may(alice, "maintainer", kNow)) << "what it did before stands";
  EXPECT_FALSE(trust.may(alice, "maintainer", hours_from_now(1)));
  ASSERT_TRUE(trust.revoke(alice, hours_from_now(9), "again"));
  EXPECT_EQ(trust.find(alice)->revoked, (Revocation{hours_from_now(1), "laptop lost"}));
}

TEST(Trust, RefusesARevocationWithoutReasonOrKey) {
  Trust trust = sample_trust();
  EXPECT_EQ(trust.revoke(key_named("alice").id(), kNow, "").error().code, Code::invalid_input);
  EXPECT_EQ(trust.revoke(key_named("alice").id(), kNow, "a\nb").error().code, Code::invalid_input);
  EXPECT_EQ(trust.revoke(key_named("mallory").id(), kNow, "x").error().code, Code::not_found);
  EXPECT_FALSE(trust.find(key_named("alice").id())->revoked);
}

TEST(Trust, AddsRolesToAKeyThatIsThere) {
  Trust trust;
  ASSERT_TRUE(trust.add(trusted("alice", {"reviewer"})));
  TrustedKey more = trusted("alice", {"maintainer", "reviewer", "maintainer"});
  more.expires = hours_from_now(5);
  ASSERT_TRUE(trust.add(more));
  ASSERT_EQ(trust.keys().size(), 1u);
  EXPECT_EQ(trust.keys()[0].roles, (std::vector<std::string>{"maintainer", "reviewer"}));
  EXPECT_EQ(trust.keys()[0].expires, hours_from_now(5));
}

TEST(Trust, RefusesKeysThatDoNotFit) {
  Trust trust = sample_trust();
  TrustedKey renamed = trusted("alice", {"maintainer"});
  renamed.name = "eve";
  EXPECT_EQ(trust.add(renamed).error().code, Code::conflict);
  for (const char* role : {"", "Maintainer", "a b", "role:x", "a_b"}) {
    EXPECT_EQ(trust.add(trusted("eve", {role})).error().code, Code::invalid_input) << role;
  }
  EXPECT_EQ(trust.add(trusted("eve", {std::string(65, 'a')})).error().code, Code::invalid_input);
  EXPECT_EQ(trust.add(trusted("eve", {})).error().code, Code::invalid_input);
  TrustedKey nameless = trusted("eve", {"reviewer"});
  nameless.name = "";
  EXPECT_EQ(trust.add(nameless).error().code, Code::invalid_input);
  EXPECT_EQ(trust, sample_trust());
}

TEST(Trust, NeverTakesARevokedKeyBack) {
  Trust trust = sample_trust();
  ASSERT_TRUE(trust.revoke(key_named("alice").id(), kNow, "lost"));
  const auto added = trust.add(trusted("alice", {"maintainer"}));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::conflict);
  EXPECT_TRUE(trust.find(key_named("alice").id())->revoked);
}

TEST(Trust, RemovesAKey) {
  Trust trust = sample_trust();
  EXPECT_TRUE(trust.remove(key_named("alice").id()));
  EXPECT_FALSE(trust.remove(key_named("alice").id()));
  EXPECT_EQ(trust.find(key_named("alice").id()), nullptr);
  EXPECT_EQ(trust.keys().size(), 4u);
}

TEST(Trust, FindsTheKeyThatAPersonMeans) {
  const Trust trust = sample_trust();
  const auto alice = key_named("alice").id();
  EXPECT_EQ(trust.resolve("alice").value(), alice);
  EXPECT_EQ(trust.resolve(alice.hex).value(), alice);
  EXPECT_EQ(trust.resolve(alice.hex.substr(0, 8)).value(), alice);
  EXPECT_EQ(trust.resolve(alice.hex.substr(0, 7)).error().code, Code::not_found);
  EXPECT_EQ(trust.resolve("").error().code, Code::not_found);
  Trust twins = trust;
  TrustedKey other = trusted("alice's other key", {"maintainer"});
  other.name = "alice";
  ASSERT_TRUE(twins.add(other));
  EXPECT_EQ(twins.resolve("alice").error().code, Code::invalid_input);
}

TEST(Trust, SelfSignedRunsAndAttestsOnly) {
  const auto runner = key_named("runner");
  const Trust trust = Trust::self_signed(runner.public_key());
  EXPECT_TRUE(trust.is_self_signed());
  EXPECT_TRUE(trust.may(runner.id(), kRunnerRole, kNow));
  EXPECT_TRUE(trust.may(runner.id(), kAttesterRole, kNow));
  EXPECT_FALSE(trust.may(runner.id(), "maintainer", kNow));
  EXPECT_EQ(trust.public_keys(), std::vector{runner.public_key()});
}

TEST(Trust, HasADigestOfItsContent) {
  const Trust trust = sample_trust();
  Trust other_order;
  for (auto key = trust.keys().rbegin(); key != trust.keys().rend(); ++key) {
    ASSERT_TRUE(other_order.add(*key));
  }
  EXPECT_EQ(other_order, trust);
  EXPECT_EQ(other_order.digest(), trust.digest());
  Trust revoked = trust;
  ASSERT_TRUE(revoked.revoke(key_named("bob").id(), kNow, "left"));
  EXPECT_NE(revoked.digest(), trust.digest());
}

TEST(Trust, DoesNotMistakeSelfSignedForAFileOfTheSameContent) {
  const Trust self = Trust::self_signed(key_named("runner").public_key());
  Trust file;
  ASSERT_TRUE(file.add(self.keys()[0]));
  EXPECT_EQ(file.to_yaml(), self.to_yaml());
  EXPECT_NE(file.digest(), self.digest());
  EXPECT_NE(file, self);
}

}  // namespace
}  // namespace writ::identity
