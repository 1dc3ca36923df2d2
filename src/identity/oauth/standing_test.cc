#include "identity/oauth/standing.h"

#include <gtest/gtest.h>

#include "identity/oauth/revocations.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

const std::vector<std::string> kAll = {"a", "b", "reserved"};
const std::vector<std::string> kReserved = {"reserved"};
const ScopeRules kRules{"writ", kAll, kReserved};

// A person (1) with a session (9), for whom an agent (5) acts that a second person (2) answers for,
// with a key of the agent's and a token that the one at hand was exchanged from.
class StandingTest : public ::testing::Test {
 protected:
  StandingTest() {
    room_.add_user(1, "ada@example.org");
    room_.add_user(2, "bob@example.org");
    room_.add_user(3, "root@example.org", true);
    room_.add_session(9, numbered<PrincipalId>(1));
    agent_.id = numbered<PrincipalId>(5);
    agent_.kind = PrincipalKind::ai_agent;
    agent_.epoch = 3;
    agent_.sponsor = numbered<PrincipalId>(2);
    put();
    ApiKey key;
    key.id = "key5";
    key.principal = agent_.id;
    key.sponsor = numbered<PrincipalId>(2);
    key.scopes = {"a"};
    room_.make([&](store::Tx& tx, const Deed& by) -> Result<bool> {
      WRIT_CHECK(put_api_key(tx, key, by));
      return true;
    });
    claims_.subject = numbered<PrincipalId>(1).text();
    claims_.client_id = agent_.id.text();
    claims_.token_id = "t2";
    claims_.session = numbered<SessionId>(9).text();
    claims_.epoch = 1;
    claims_.scopes = {"a", "reserved"};
    claims_.expires_at = to_seconds(room_.in(std::chrono::minutes(5)));
    claims_.actors = {{.subject = agent_.id.text(), .epoch = 3}};
    claims_.via = {"token/t1", "api_key/key5"};
  }

  void put() {
    room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
      WRIT_CHECK(put_principal(tx, agent_));
      return true;
    });
  }
  void change(std::uint8_t user, const UserChange& change) {
    room_.make([&](store::Tx& tx, const Deed& by) {
      return change_user(tx, numbered<PrincipalId>(user), change, by);
    });
  }
  std::vector<std::string> usable(std::uint8_t user) {
    return room_.look([&](store::Tx& tx) {
      return usable_scopes(tx, numbered<PrincipalId>(user), {"a", "reserved"}, kRules);
    });
  }
  // "credential: scopes", or the error.
  std::string outcome() {
    const auto standing =
        room_.store->read([&](store::Tx& tx) { return standing_of(tx, claims_, kRules); });
    if (!standing) return standing.error().text();
    std::string out = standing->caller.credential + ':';
    for (const std::string& scope : standing->caller.scopes) out += ' ' + scope;
    return out;
  }

  AccountRoom room_;
  Principal agent_;
  AccessClaims claims_;
};

constexpr const char* kStands = "token/t2: a";
constexpr const char* kVoid = "unauthenticated: the credential is not valid";

TEST_F(StandingTest, WhileEverythingStandsSoDoesTheToken) {
  EXPECT_EQ(outcome(), kStands);
  const auto standing = room_.look([&](store::Tx& tx) { return standing_of(tx, claims_, kRules); });
  EXPECT_EQ(standing.caller.id, numbered<PrincipalId>(1));
  EXPECT_EQ(standing.caller.actor(), agent_.id);
  EXPECT_EQ(standing.session->id, numbered<SessionId>(9));
}

TEST_F(StandingTest, EndsWithTheSession) {
  room_.make([&](store::Tx& tx, const Deed& by) {
    return end_session(tx, numbered<SessionId>(9), "logout", by);
  });
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, EndsForGoodWhenTheAgentIsSwitchedOff) {
  agent_.is_active = false;
  put();
  EXPECT_EQ(outcome(), kVoid);
  agent_.is_active = true;
  agent_.epoch = 4;
  put();
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, EndsWithWhoAnswersForTheAgent) {
  change(2, {.is_active = false});
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, EndsWithItsSubject) {
  change(1, {.is_active = false});
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, EndsWithTheKeyThatAskedForIt) {
  room_.make(
      [&](store::Tx& tx, const Deed& by) { return revoke_api_key(tx, agent_.id, "key5", by); });
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, EndsWithTheTokenThatItWasExchangedFrom) {
  AccessClaims parent = claims_;
  parent.token_id = "t1";
  room_.make([&](store::Tx& tx, const Deed& by) { return revoke_token(tx, parent, by); });
  EXPECT_EQ(outcome(), kVoid);
  EXPECT_EQ(room_.last_event(), "writ.token.revoked token/t1 {\"client\":\"" + agent_.id.text() +
                                    "\",\"principal\":\"" + claims_.subject + "\"}");
}

TEST_F(StandingTest, WhatIsNotKnownCountsAsGone) {
  claims_.via.emplace_back("device/7");
  EXPECT_EQ(outcome(), kVoid);
}

TEST_F(StandingTest, ScopesForSuperusersStayTheirs) {
  change(1, {.is_superuser = true});
  EXPECT_EQ(outcome(), "token/t2: a reserved");
  const auto standing = room_.look([&](store::Tx& tx) { return standing_of(tx, claims_, kRules); });
  EXPECT_FALSE(standing.caller.is_superuser) << "an agent is no superuser, whoever it acts for";
}

TEST_F(StandingTest, RevocationsAreSweptWhenTheTokensWouldBeOver) {
  AccessClaims late = claims_;
  late.token_id = "late";
  late.expires_at += std::chrono::hours(1);
  room_.make([&](store::Tx& tx, const Deed& by) { return revoke_token(tx, claims_, by); });
  room_.make([&](store::Tx& tx, const Deed& by) { return revoke_token(tx, late, by); });
  const auto sweep = [&] {
    return room_.make(
        [&](store::Tx& tx, const Deed&) { return sweep_revocations(tx, {}, 100, room_.now()); });
  };
  const auto is_kept = [&](std::string_view id) {
    return room_.look([&](store::Tx& tx) { return is_token_revoked(tx, id); });
  };
  EXPECT_EQ(sweep(), "");
  EXPECT_TRUE(is_kept("t2"));
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(sweep(), "");
  EXPECT_FALSE(is_kept("t2"));
  EXPECT_TRUE(is_kept("late"));
}

TEST_F(StandingTest, ReservedScopesAreUsableToSuperusersWhileTheyAreOnes) {
  const std::vector<std::string> all = {"a", "reserved"};
  EXPECT_EQ(usable(1), std::vector<std::string>{"a"});
  EXPECT_EQ(usable(3), all);
  change(1, {.is_superuser = true});
  change(3, {.is_superuser = false});
  EXPECT_EQ(usable(1), all);
  EXPECT_EQ(usable(3), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace writ::identity
