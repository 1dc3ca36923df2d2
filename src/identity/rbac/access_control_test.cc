#include "identity/rbac/access_control.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "identity/rbac/access_rows.h"
#include "ledger/testing/sample.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"

namespace writ::identity {
namespace {

using enum AccessVerb;
using store::DryRun;

const Author kAdmin{"principal:admin", "trace-1"};

// One server: its own index over a store that others may share.
struct Server {
  explicit Server(const std::string& url, AccessConditions conditions = {}, BackUp back_up = {})
      : log(url), journal(*log.ledger, "writ:project/sample", log.clock, random) {
    const auto migrated = log.store->migrate(access_migrations(), DryRun::no);
    EXPECT_TRUE(migrated) << migrated.error().text();
    auto opened = AccessControl::open(
        {*log.store, journal, random, std::move(conditions), std::move(back_up)});
    EXPECT_TRUE(opened) << opened.error().text();
    control = *std::move(opened);
  }

  // "revision: outcome outcome" or the error.
  std::string change(const std::vector<AccessChange>& changes, DryRun dry_run = DryRun::no) {
    const auto done = control->change(changes, kAdmin, dry_run);
    if (!done) return done.error().text();
    std::string out = done->is_applied ? "applied" : "nothing";
    out += " at " + std::to_string(done->revision) + ":";
    for (const AccessItem& item : done->items) {
      out += " " + std::string(kAccessOutcomes.name(item.outcome));
      if (!item.detail.empty()) out += " (" + item.detail + ")";
    }
    return out;
  }
  AccessCheck check(const std::string& subject, const std::string& object,
                    const std::string& action) {
    return control->check(*control->index(), {subject, object, action});
  }

  ledger::SampleLog log;
  SystemRandom random;  // servers must not give the same ids
  Journal journal;
  std::unique_ptr<AccessControl> control;
};

enum class Kind : std::uint8_t { memory, sqlite, postgres };

std::string kind_name(const ::testing::TestParamInfo<Kind>& of) {
  constexpr const char* kNames[] = {"Memory", "Sqlite", "Postgres"};
  return kNames[static_cast<std::size_t>(of.param)];
}

class AccessControlTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::postgres && !store::PostgresServer::missing().empty()) {
      GTEST_SKIP() << store::PostgresServer::missing();
    }
    url_ = make_url();
  }
  std::string make_url() {
    switch (GetParam()) {
      case Kind::memory:
        return "memory:";
      case Kind::sqlite:
        return "sqlite:" + directory_.file("access.db");
      case Kind::postgres:
        break;
    }
    store::PostgresServer& server = store::PostgresServer::shared();
    return server.url(server.make_database());
  }
  bool is_shared() const { return GetParam() != Kind::memory; }

  store::TemporaryDirectory directory_;
  std::string url_;
};

TEST_P(AccessControlTest, AChangeIsSeenByTheNextCheckWithItsRevision) {
  Server server(url_);
  AccessReader reader(*server.control);
  EXPECT_FALSE(reader.now().allows("alice", "doc", "read"));
  EXPECT_EQ(server.change({{add_policy, "editor", "doc", "read"}}), "applied at 1: done");
  EXPECT_EQ(server.change({{assign_role, "alice", "editor"}}), "applied at 2: done");
  EXPECT_TRUE(reader.now().allows("alice", "doc", "read"));
  const AccessCheck check = server.check("alice", "doc", "read");
  EXPECT_TRUE(check.is_allowed);
  EXPECT_EQ(check.revision, 2U);
  EXPECT_EQ(check.reason, "alice has read on doc by the role editor");
  EXPECT_EQ(server.change({{unassign_role, "alice", "editor"}}), "applied at 3: done");
  EXPECT_FALSE(reader.now().allows("alice", "doc", "read"));
  EXPECT_EQ(server.check("alice", "doc", "read").reason, "no policy permits read on doc to alice");
}

TEST_P(AccessControlTest, WhatIsThereAlreadyOrIsNotThereChangesNothing) {
  Server server(url_);
  EXPECT_EQ(server.change({{add_policy, "a", "doc", "read"}}), "applied at 1: done");
  EXPECT_EQ(server.change({{add_policy, "a", "doc", "read"}}), "nothing at 1: nothing");
  EXPECT_EQ(server.change({{remove_policy, "a", "doc", "write"}}), "nothing at 1: nothing");
  EXPECT_EQ(server.change({{unassign_role, "a", "role"}}), "nothing at 1: nothing");
  EXPECT_EQ(server.change({{delete_role, "role"}}), "nothing at 1: nothing");
  EXPECT_EQ(server.change({{create_role, "role"}}), "applied at 2: done");
  EXPECT_EQ(server.change({{create_role, "role"}}), "nothing at 2: nothing");
}

TEST_P(AccessControlTest, ManyChangesAreMadeTogetherOrNotAtAll) {
  Server server(url_);
  EXPECT_EQ(server.change({{add_policy, "a", "doc", "read"}}), "applied at 1: done");
  EXPECT_EQ(server.change({{add_policy, "b", "doc", "read"},
                           {add_policy, "a", "doc", "read"},
                           {assign_role, "r", "s"},
                           {assign_role, "s", "r"}}),
            "nothing at 1: done nothing done refused "
            "(roles would run in a circle: s -> r -> s)");
  EXPECT_FALSE(server.check("b", "doc", "read").is_allowed);
  EXPECT_EQ(server.change({{add_policy, "b", "doc", "read"}, {assign_role, "c", "b"}}),
            "applied at 2: done done");
  EXPECT_TRUE(server.check("c", "doc", "read").is_allowed);
}

TEST_P(AccessControlTest, NamesThatCannotBeAreRefused) {
  Server server(url_);
  EXPECT_EQ(server.change({{add_policy, "", "doc", "read"}}),
            "invalid_input: the subject is empty");
  EXPECT_EQ(server.change({{add_policy, "a", "d\noc", "read"}}),
            "invalid_input: the object is not a line of UTF-8 text");
  EXPECT_EQ(server.change({{add_policy, "a", "doc", std::string(513, 'x')}}),
            "invalid_input: the action has 513 bytes; 512 are the most");
  EXPECT_EQ(server.change({{assign_role, "a", "0192f0c1-0000-7000-8000-000000000001"}}),
            "invalid_input: a role must not be named like a principal's id");
}

TEST_P(AccessControlTest, ADryRunSaysWhoWouldGainAndChangesNothing) {
  Server server(url_);
  server.change({{assign_role, "alice", "editor"}, {add_policy, "editor", "doc", "read"}});
  const auto report =
      server.control->change(std::vector<AccessChange>{{add_policy, "editor", "doc", "write"},
                                                       {remove_policy, "editor", "doc", "read"}},
                             kAdmin, DryRun::yes);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->difference->gained, (std::vector<Policy>{{"alice", "doc", "write"}}));
  EXPECT_EQ(report->difference->lost, (std::vector<Policy>{{"alice", "doc", "read"}}));
  EXPECT_EQ(report->revision, 1U);
  EXPECT_EQ(server.control->index()->revision(), 1U);
  EXPECT_TRUE(server.check("alice", "doc", "read").is_allowed);
}

TEST_P(AccessControlTest, ARoleGoesWithItsPoliciesAndFromWhoeverHoldsIt) {
  Server server(url_);
  server.change({{assign_role, "alice", "editor"},
                 {assign_role, "editor", "reader"},
                 {add_policy, "editor", "doc", "write"},
                 {add_policy, "reader", "doc", "read"}});
  EXPECT_EQ(server.change({{delete_role, "editor"}}), "applied at 2: done");
  EXPECT_FALSE(server.check("alice", "doc", "write").is_allowed);
  EXPECT_FALSE(server.check("alice", "doc", "read").is_allowed);
  EXPECT_EQ(server.control->index()->counts(), (AccessCounts{.policies = 1, .roles = 1}));
  const auto roles = server.log.store->read([](store::Tx& tx) { return list_roles(tx, "", 10); });
  ASSERT_TRUE(roles) << roles.error().text();
  ASSERT_EQ(roles->size(), 1U);
  EXPECT_EQ(roles->front().name, "reader");
}

TEST_P(AccessControlTest, IsReadBackAsItWasWritten) {
  if (!is_shared()) GTEST_SKIP() << "a memory store forgets";
  {
    Server server(url_);
    server.change({{create_role, "empty"}, {assign_role, "alice", "editor"}});
    server.change({{add_policy, "editor", "doc", "read"}});
  }
  Server server(url_);
  EXPECT_EQ(server.control->index()->revision(), 2U);
  EXPECT_EQ(server.control->index()->counts(),
            (AccessCounts{.policies = 1, .assignments = 1, .roles = 2}));
  EXPECT_TRUE(server.check("alice", "doc", "read").is_allowed);
}

TEST_P(AccessControlTest, OtherServersFollowWhatOneHasChanged) {
  if (!is_shared()) GTEST_SKIP() << "a memory store has one server";
  Server one(url_);
  Server two(url_);
  one.change({{add_policy, "a", "doc", "read"}});
  one.change({{add_policy, "a", "doc", "write"}});
  EXPECT_FALSE(two.check("a", "doc", "read").is_allowed);
  const auto refreshed = two.control->refresh();
  ASSERT_TRUE(refreshed) << refreshed.error().text();
  EXPECT_EQ(two.check("a", "doc", "write").revision, 2U);
  EXPECT_TRUE(two.check("a", "doc", "write").is_allowed);
  // A write builds on what is stored, whatever its own server knew.
  EXPECT_EQ(two.change({{add_policy, "a", "doc", "sign"}}), "applied at 3: done");
  EXPECT_EQ(one.change({{add_policy, "a", "doc", "sign"}}), "nothing at 3: nothing");
  EXPECT_EQ(one.change({{remove_policy, "a", "doc", "read"}}), "applied at 4: done");
  EXPECT_TRUE(one.check("a", "doc", "sign").is_allowed);
}

TEST_P(AccessControlTest, WhoIsTooFarBehindReadsEverything) {
  if (!is_shared()) GTEST_SKIP() << "a memory store has one server";
  Server one(url_);
  Server two(url_);
  one.change({{add_policy, "a", "doc", "read"}});
  // As a restore does: rows are replaced, and the revision goes on.
  const auto replaced = one.log.store->write([](store::Tx& tx) -> Result<std::uint64_t> {
    WRIT_CHECK(put_change(tx, {add_policy, "b", "doc", "read"}, {}));
    return raise_revision_over_all(tx);
  });
  ASSERT_TRUE(replaced) << replaced.error().text();
  EXPECT_EQ(*replaced, 2U);
  const auto refreshed = two.control->refresh();
  ASSERT_TRUE(refreshed) << refreshed.error().text();
  EXPECT_EQ(two.check("b", "doc", "read").reason, "b has read on doc itself");
  EXPECT_EQ(two.check("a", "doc", "read").revision, 2U);
}

TEST_P(AccessControlTest, WhatNamesADeletedPrincipalGoesWithIt) {
  Server server(url_);
  server.change({{assign_role, "alice", "editor"}, {add_policy, "alice", "doc", "read"}});
  const auto forgotten = server.log.store->write(
      [&](store::Tx& tx) { return server.control->forget(tx, "alice", kAdmin); });
  ASSERT_TRUE(forgotten) << forgotten.error().text();
  ASSERT_TRUE(server.control->refresh().has_value());
  EXPECT_EQ(server.control->index()->counts(), (AccessCounts{.roles = 1}));
  EXPECT_EQ(server.control->index()->revision(), 2U);
}

TEST_P(AccessControlTest, AResetComesAfterABackupAndTheRevisionGoesOn) {
  int backups = 0;
  Server server(url_, {}, [&]() -> Result<std::string> {
    ++backups;
    return "backup-7";
  });
  server.change({{assign_role, "alice", "editor"}, {add_policy, "editor", "doc", "read"}});
  const auto asked = server.control->reset(kAdmin, DryRun::yes);
  ASSERT_TRUE(asked) << asked.error().text();
  EXPECT_EQ(asked->difference->lost, (std::vector<Policy>{{"alice", "doc", "read"}}));
  EXPECT_EQ(backups, 0);
  const auto done = server.control->reset(kAdmin, DryRun::no);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->backup, "backup-7");
  EXPECT_EQ(done->revision, 2U);
  EXPECT_EQ(done->before.policies, 1U);
  EXPECT_FALSE(server.check("alice", "doc", "read").is_allowed);
  EXPECT_EQ(server.change({{add_policy, "editor", "doc", "read"}}), "applied at 3: done");
}

TEST_P(AccessControlTest, AResetWithoutABackupIsRefused) {
  Server server(url_);
  server.change({{add_policy, "a", "doc", "read"}});
  const auto done = server.control->reset(kAdmin, DryRun::no);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text(),
            "unsupported: access is reset only after a backup, and none can be made here");
  EXPECT_TRUE(server.check("a", "doc", "read").is_allowed);
}

TEST_P(AccessControlTest, AReloadTakesInWhatWasChangedBehindItsBack) {
  Server server(url_);
  server.change({{add_policy, "a", "doc", "read"}});
  const auto put = server.log.store->write(
      [](store::Tx& tx) { return put_change(tx, {add_policy, "b", "doc", "read"}, {}); });
  ASSERT_TRUE(put) << put.error().text();
  const auto asked = server.control->reload(DryRun::yes);
  ASSERT_TRUE(asked) << asked.error().text();
  EXPECT_EQ(asked->difference->gained, (std::vector<Policy>{{"b", "doc", "read"}}));
  EXPECT_FALSE(server.check("b", "doc", "read").is_allowed);
  const auto done = server.control->reload(DryRun::no);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->after.policies, 2U);
  EXPECT_TRUE(server.check("b", "doc", "read").is_allowed);
}

TEST_P(AccessControlTest, EveryChangeHasItsEvent) {
  Server server(url_);
  std::vector<AccessChange> many;
  for (int i = 0; i < 501; ++i) many.push_back({add_policy, "a", std::to_string(i), "read"});
  EXPECT_EQ(server.change({{create_role, "editor"}}), "applied at 1: done");
  server.change({{create_role, "editor"}});
  server.change(many);
  ASSERT_TRUE(server.log.ledger->sequence().has_value());
  const auto events = server.log.ledger->list({.type = "writ.access.changed"});
  ASSERT_TRUE(events) << events.error().text();
  ASSERT_EQ(events->size(), 3U);
  const ledger::Entry& first = events->front().entry;
  EXPECT_EQ(first.subject, "access/1");
  EXPECT_EQ(first.actor, "principal:admin");
  EXPECT_EQ(first.correlation, "trace-1");
  EXPECT_EQ(
      first.payload,
      R"({"changes":[{"change":"create_role","role":"editor"}],"part":1,"parts":1,"revision":1})");
  const auto last = parse_json(events->back().entry.payload);
  ASSERT_TRUE(last) << last.error().text();
  EXPECT_EQ(last->integer_or("part", 0), 2);
  EXPECT_EQ(last->find("changes")->as_array().size(), 1U);
}

TEST_P(AccessControlTest, WritersAtTheSameTimeLoseNothing) {
  Server server(url_);
  constexpr int kThreads = 4;
  constexpr int kEach = 20;
  std::atomic<int> applied = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        AccessReader reader(*server.control);
        for (int i = 0; i < kEach; ++i) {
          const std::string object = std::to_string(thread * kEach + i);
          const auto done = server.control->change(
              std::vector<AccessChange>{{add_policy, "a", object, "read"}}, kAdmin);
          if (done && done->is_applied && reader.now().allows("a", object, "read")) ++applied;
        }
      });
    }
  }
  EXPECT_EQ(applied, kThreads * kEach);
  EXPECT_EQ(server.control->index()->revision(), 80U);
  EXPECT_EQ(server.control->index()->counts().policies, 80U);
}

INSTANTIATE_TEST_SUITE_P(Stores, AccessControlTest,
                         ::testing::Values(Kind::memory, Kind::sqlite, Kind::postgres), kind_name);

TEST(AccessConditions, MayOnlyTakeAway) {
  Server server("memory:", AccessConditions(R"(package writ.access
deny contains "only by day" if {
	input.action == "sign"
	not input.context.is_day
}
deny contains sprintf("%s is frozen", [input.object]) if input.object == "vault")"));
  server.change({{assign_role, "alice", "signer"},
                 {add_policy, "signer", "doc", "sign"},
                 {add_policy, "signer", "vault", "read"}});
  EXPECT_EQ(server.check("alice", "doc", "sign").reason,
            "a condition denies sign on doc: only by day");
  EXPECT_EQ(server.check("alice", "vault", "read").reason,
            "a condition denies read on vault: vault is frozen");
  Object context;
  context.append("is_day", true);
  const AccessCheck by_day =
      server.control->check(*server.control->index(), {"alice", "doc", "sign", Value(context)});
  EXPECT_TRUE(by_day.is_allowed);
  EXPECT_EQ(by_day.reason, "alice has sign on doc by the role signer");
  EXPECT_EQ(server.check("bob", "doc", "sign").reason, "no policy permits sign on doc to bob");
}

TEST(AccessConditions, AreTriedBesideThoseThatAreThere) {
  Server server("memory:");
  server.change({{add_policy, "alice", "doc", "sign"}});
  const AccessIndex& index = *server.control->index();
  const auto strict = AccessConditions::parse(
      "package writ.access\ndeny contains \"no\" if input.action == \"sign\"", "new.rego");
  ASSERT_TRUE(strict) << strict.error().text();
  const AccessCheck then = AccessControl::check(index, {"alice", "doc", "sign"}, *strict);
  EXPECT_FALSE(then.is_allowed);
  EXPECT_EQ(then.objections, std::vector<std::string>{"no"});
  EXPECT_TRUE(server.check("alice", "doc", "sign").is_allowed) << "nothing was kept";
  EXPECT_FALSE(server.control->conditions().are_there());
  EXPECT_EQ(strict->digest().size(), 64u);
}

TEST(AccessConditions, DenyWhatTakesTooLong) {
  Server endless("memory:", AccessConditions(R"(package writ.access
deny contains "no" if {
	some i in numbers.range(1, 1000)
	some j in numbers.range(1, 1000)
	i * j == -1
})"));
  endless.change({{add_policy, "a", "doc", "read"}});
  const AccessCheck check = endless.check("a", "doc", "read");
  EXPECT_FALSE(check.is_allowed);
  ASSERT_EQ(check.objections.size(), 1u);
  EXPECT_TRUE(check.objections[0].starts_with("the conditions cannot be decided")) << check.reason;
}

TEST(AccessConditions, OfASettingAreReadWholeOrNotAtAll) {
  const auto complaint = [](std::string_view module) {
    const auto read = AccessConditions::parse(module, "conditions.rego");
    return read ? std::string("none") : read.error().message;
  };
  EXPECT_EQ(complaint("package writ.access\ndeny contains \"x\" if input.action == \"y\""), "none");
  EXPECT_NE(complaint("package writ.access\n\ndeny contains x if").find("conditions.rego:3"),
            std::string::npos)
      << complaint("package writ.access\n\ndeny contains x if");
  for (const char* const other :
       {"package other\ndeny contains \"x\" if true", "package writ.access\nallow := true",
        "package writ.access\ndeny := false"}) {
    EXPECT_EQ(complaint(other), "conditions.rego has no set `deny` in `writ.access`") << other;
  }
  EXPECT_EQ(AccessConditions::load("/nowhere/conditions.rego").error().code, Code::not_found);
}

TEST(AccessConditions, DenyWhatTheyCannotDecide) {
  Server broken("memory:", AccessConditions("package writ.access\ndeny contains x if"));
  broken.change({{add_policy, "a", "doc", "read"}});
  EXPECT_FALSE(broken.check("a", "doc", "read").is_allowed);
  EXPECT_NE(broken.check("a", "doc", "read").reason.find("the conditions cannot be decided"),
            std::string::npos);
  Server silent("memory:", AccessConditions("package writ.access\nallow := true"));
  silent.change({{add_policy, "a", "doc", "read"}});
  EXPECT_EQ(silent.check("a", "doc", "read").reason,
            "a condition denies read on doc: the conditions cannot be decided: the policy has no "
            "answer: data.writ.access.deny is undefined");
  Server other("memory:", AccessConditions("package writ.access\ndeny := false"));
  other.change({{add_policy, "a", "doc", "read"}});
  EXPECT_EQ(other.check("a", "doc", "read").reason,
            "a condition denies read on doc: the conditions cannot be decided: `deny` is no set of "
            "texts");
}

}  // namespace
}  // namespace writ::identity
