#include "identity/upkeep.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::vector<std::string> kAll = {
    "authorization_codes", "consents", "delegations",      "mail_turns",    "one_time_tokens",
    "revoked_tokens",      "sessions", "sign_in_failures", "sign_in_trips", "token_keys"};

class UpkeepTest : public ::testing::Test {
 protected:
  UpkeepTest() {
    const auto done = room_.store->migrate(token_key_migrations(), store::DryRun::no);
    EXPECT_TRUE(done) << done.error().text();
    keys_ = TokenKeys::open(*room_.store, room_.keks, room_.clock).value();
    ada_ = room_.add_user(1, "ada@example.org");
  }

  Upkeep upkeep(const UpkeepOptions& options = {}) {
    return {*room_.store, *room_.journal, *keys_, options};
  }
  static UpkeepTurn turn(Upkeep& upkeep) {
    const auto made = upkeep.take_turn();
    EXPECT_TRUE(made) << made.error().text();
    return made.value_or(UpkeepTurn{});
  }
  void put(OneTimeUse use, const SecretToken& token) {
    room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
      WRIT_CHECK(put_one_time_token(tx, use, token, ada_, room_.now()));
      return true;
    });
  }
  bool is_good(OneTimeUse use, const SecretToken& token) {
    return room_
        .look([&](store::Tx& tx) { return find_one_time_token(tx, use, token.text, room_.now()); })
        .has_value();
  }
  std::size_t rows(std::string_view table) {
    return room_.look([&](store::Tx& tx) { return tx.scan(store::Table{table}, {{}, {}}, 10'000); })
        .size();
  }
  std::size_t published() const { return keys_->current()->published().keys().size(); }
  std::size_t secrets() const {
    std::size_t out = 0;
    for (const auto& entry : keys_->current()->entries()) out += entry.key != nullptr ? 1 : 0;
    return out;
  }

  AccountRoom room_;
  std::unique_ptr<TokenKeys> keys_;
  User ada_;
};

TEST_F(UpkeepTest, DoesEveryTaskOncePerPeriod) {
  Upkeep mine = upkeep();
  const UpkeepTurn first = turn(mine);
  EXPECT_EQ(first.done, kAll);
  EXPECT_EQ(first.wait, minutes(10));
  EXPECT_EQ(turn(mine).done, std::vector<std::string>{});
  room_.clock.pass(minutes(4));
  EXPECT_EQ(turn(mine).wait, minutes(6));
  room_.clock.pass(minutes(6));
  EXPECT_EQ(turn(mine).done, kAll);
}

TEST_F(UpkeepTest, OneServerAtATimeDoesIt) {
  Upkeep mine = upkeep();
  Upkeep others = upkeep();
  EXPECT_EQ(turn(mine).done, kAll);
  EXPECT_EQ(turn(others).done, std::vector<std::string>{});
  room_.clock.pass(minutes(10));
  EXPECT_EQ(turn(others).done, kAll);
  EXPECT_EQ(turn(mine).done, std::vector<std::string>{});
}

TEST_F(UpkeepTest, WhatAServerLeftHalfDoneIsTakenOverWhenItsLeaseIsOver) {
  // A row that is none: the task was begun, and is not finished. The others are.
  constexpr store::Table kTokens{"identity_one_time_tokens"};
  room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
    WRIT_CHECK(tx.put(kTokens, "x", "{}"));
    return true;
  });
  Upkeep dying = upkeep();
  const auto died = dying.take_turn();
  ASSERT_FALSE(died);
  EXPECT_EQ(died.error().text(),
            "tampered: a one-time token has no use (while keeping up one_time_tokens)");
  room_.make([&](store::Tx& tx, const Deed&) { return tx.erase(kTokens, "x"); });
  Upkeep other = upkeep();
  EXPECT_EQ(turn(other).wait, seconds(120));
  room_.clock.pass(seconds(119));
  EXPECT_EQ(turn(other).done, std::vector<std::string>{});
  room_.clock.pass(seconds(1));
  EXPECT_EQ(turn(other).done, std::vector<std::string>{"one_time_tokens"});
}

TEST_F(UpkeepTest, EndsSessionsThatAreOverWithTheirRefreshTokens) {
  const Session idle = room_.add_session(1, ada_.id);
  room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
    WRIT_CHECK(put_refresh_token(tx, make_refresh_token(idle.id), idle.id, idle.expires_at));
    return true;
  });
  room_.clock.pass(minutes(59));
  const Session alive = room_.add_session(2, ada_.id);
  room_.clock.pass(minutes(1));
  Upkeep mine = upkeep({.page = 1});
  EXPECT_EQ(turn(mine).done, kAll);
  EXPECT_EQ(rows("identity_sessions"), 1u);
  EXPECT_EQ(rows("identity_refresh_tokens"), 0u);
  EXPECT_TRUE(room_.look([&](store::Tx& tx) { return find_session(tx, alive.id, room_.now()); }));
  EXPECT_EQ(room_.last_event(), "writ.session.ended session/" + idle.id.text() +
                                    " {\"principal\":\"" + ada_.id.text() +
                                    "\",\"why\":\"expired\"}");
}

TEST_F(UpkeepTest, RemovesOneTimeTokensThatHaveExpiredAndNoOthers) {
  const SecretToken link = make_one_time_token(OneTimeUse::magic_link);
  const SecretToken reset = make_one_time_token(OneTimeUse::reset);
  put(OneTimeUse::magic_link, link);
  put(OneTimeUse::reset, reset);
  room_.clock.pass(minutes(10));
  Upkeep mine = upkeep({.page = 1});
  turn(mine);
  EXPECT_EQ(rows("identity_one_time_tokens"), 1u);
  EXPECT_EQ(rows("identity_one_time_tokens_of"), 1u);
  EXPECT_TRUE(is_good(OneTimeUse::reset, reset));
}

TEST_F(UpkeepTest, ForgetsMistakesThatNoLongerCount) {
  const SignInTry made{.account = "ada@example.org", .network = "192.0.2.1"};
  const auto fail_once = [&] {
    room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
      WRIT_CHECK(note_failure(tx, made, room_.now()));
      return true;
    });
  };
  fail_once();
  Upkeep mine = upkeep();
  turn(mine);
  EXPECT_EQ(rows("identity_sign_in_failures"), 3u);
  room_.clock.pass(minutes(15));
  turn(mine);
  EXPECT_EQ(rows("identity_sign_in_failures"), 0u);
}

TEST_F(UpkeepTest, ForgetsLettersThatNobodyWaitsForAnyMore) {
  const auto may_write = [&] {
    return room_.make([&](store::Tx& tx, const Deed&) {
      return take_turn(tx, LetterKind::reset, "ada@example.org", room_.now());
    });
  };
  EXPECT_TRUE(may_write());
  Upkeep mine = upkeep();
  turn(mine);
  EXPECT_EQ(rows("identity_mail_turns"), 1u);
  EXPECT_FALSE(may_write());
  room_.clock.pass(minutes(10));
  turn(mine);
  EXPECT_EQ(rows("identity_mail_turns"), 0u);
  EXPECT_TRUE(may_write());
}

TEST_F(UpkeepTest, ForgetsRevokedTokensWhenTheyWouldBeOver) {
  AccessClaims claims;
  claims.token_id = "t1";
  claims.expires_at = to_seconds(room_.in(minutes(5)));
  room_.make([&](store::Tx& tx, const Deed& by) { return revoke_token(tx, claims, by); });
  Upkeep mine = upkeep();
  turn(mine);
  EXPECT_EQ(rows("identity_tokens_revoked"), 1u);
  room_.clock.pass(minutes(10));
  turn(mine);
  EXPECT_EQ(rows("identity_tokens_revoked"), 0u);
}

TEST_F(UpkeepTest, TokenKeysAreReplacedInTimeAndGoWhenNothingNeedsThem) {
  Upkeep mine = upkeep({.key_age = hours(24)});
  turn(mine);
  EXPECT_EQ(published(), 1u);
  const auto old_key = keys_->current()->signing_key(room_.now())->public_key().key_id();
  room_.clock.pass(hours(24));
  turn(mine);
  // Published ten minutes before it signs; the old one signs until then.
  EXPECT_EQ(published(), 2u);
  EXPECT_EQ(keys_->current()->signing_key(room_.now())->public_key().key_id(), old_key);
  room_.clock.pass(minutes(10));
  turn(mine);
  EXPECT_NE(keys_->current()->signing_key(room_.now())->public_key().key_id(), old_key);
  EXPECT_EQ(published(), 2u);
  EXPECT_EQ(secrets(), 1u) << "the old key's secret is erased when it signs no more";
  room_.clock.pass(minutes(70));
  turn(mine);
  EXPECT_EQ(published(), 1u) << "what it signed has expired";
}

}  // namespace
}  // namespace writ::identity
