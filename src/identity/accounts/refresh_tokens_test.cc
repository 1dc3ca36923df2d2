#include "identity/accounts/refresh_tokens.h"

#include <gtest/gtest.h>

#include "crypto/random_bytes.h"
#include "identity/accounts/sessions.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

using std::chrono::seconds;

class RefreshTokensTest : public testing::Test {
 protected:
  void SetUp() override {
    room_.add_session(1, room_.add_user(1, "ada@example.org").id);
    const FirstRefreshToken first = make_refresh_token(session_);
    first_ = first.token.text;
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_refresh_token(tx, first, session_, room_.in(std::chrono::hours(24)));
    }),
              "ok");
  }
  Refreshed use(const std::string& token, const std::string& client = "browser") {
    const std::string salt = crypto::random_bytes(32);
    return room_.make([&](store::Tx& tx, const Deed& by) {
      return refresh(tx, token, client, salt, room_.now(), by);
    });
  }
  bool is_signed_in() {
    return room_.look([&](store::Tx& tx) { return find_session(tx, session_, room_.now()); })
        .has_value();
  }

  AccountRoom room_;
  SessionId session_ = numbered<SessionId>(1);
  std::string first_;
};

TEST_F(RefreshTokensTest, EachBringsTheNext) {
  std::string token = first_;
  for (int i = 0; i < 5; ++i) {
    const Refreshed got = use(token);
    EXPECT_EQ(got.outcome, Refresh::rotated) << i;
    EXPECT_EQ(got.session, session_);
    EXPECT_NE(got.token, token);
    EXPECT_TRUE(got.token.starts_with(kRefreshPrefix)) << got.token.substr(0, 13);
    EXPECT_EQ(got.token.size(), first_.size());
    token = got.token;
    room_.clock.pass(std::chrono::minutes(30));
  }
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(room_.last_event(), "writ.session.refreshed session/" + session_.text() + " {}");
}

TEST_F(RefreshTokensTest, ReuseEndsTheWholeFamily) {
  const std::string second = use(first_).token;
  const std::string third = use(second).token;
  EXPECT_EQ(use(first_).outcome, Refresh::reused);
  EXPECT_FALSE(is_signed_in());
  EXPECT_NE(room_.last_event().find(R"("why":"refresh_token_reused")"), std::string::npos)
      << room_.last_event();
  EXPECT_EQ(use(third).outcome, Refresh::refused);
  EXPECT_EQ(use(first_).outcome, Refresh::refused);
}

TEST_F(RefreshTokensTest, ALostAnswerIsGivenAgain) {
  const Refreshed got = use(first_);
  room_.clock.pass(seconds(10));
  const Refreshed again = use(first_);
  EXPECT_EQ(again.outcome, Refresh::repeated);
  EXPECT_EQ(again.token, got.token);
  EXPECT_EQ(use(again.token).outcome, Refresh::rotated);
}

TEST_F(RefreshTokensTest, ALostAnswerIsNotGivenToAnotherClient) {
  use(first_);
  EXPECT_EQ(use(first_, "thief").outcome, Refresh::reused);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RefreshTokensTest, ALostAnswerIsNotGivenLate) {
  use(first_);
  room_.clock.pass(seconds(11));
  EXPECT_EQ(use(first_).outcome, Refresh::reused);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(RefreshTokensTest, AnAnswerThatWasUsedIsNotLost) {
  use(use(first_).token);
  EXPECT_EQ(use(first_).outcome, Refresh::reused);
}

TEST_F(RefreshTokensTest, DieWithTheirSessionAndAtTheirTime) {
  for (int i = 0; i < 26; ++i) {
    room_.clock.pass(std::chrono::minutes(55));
    const Refreshed got = use(first_);
    ASSERT_EQ(got.outcome, Refresh::rotated) << i;
    first_ = got.token;
  }
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(use(first_).outcome, Refresh::refused);
}

TEST_F(RefreshTokensTest, WhatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string(), first_ + "A", std::string("writ_refresh_"),
        make_secret_token(kRefreshPrefix).text, make_refresh_token(session_).token.text}) {
    EXPECT_EQ(use(text).outcome, Refresh::refused) << text;
  }
  EXPECT_TRUE(is_signed_in());
}

TEST_F(RefreshTokensTest, ASessionKeepsAFewHoweverOftenItIsRefreshed) {
  std::string token = first_;
  for (int i = 0; i < 50; ++i) token = use(token).token;
  const auto rows = [&](std::string_view table) {
    return room_.look([&](store::Tx& tx) { return tx.scan(store::Table{table}, {}, 100); }).size();
  };
  EXPECT_EQ(rows("identity_refresh_tokens"), kMostGenerations);
  EXPECT_EQ(rows("identity_refresh_families"), 1u);
  EXPECT_EQ(use(first_).outcome, Refresh::reused) << "told long after its row has gone";
  EXPECT_FALSE(is_signed_in());
  EXPECT_EQ(rows("identity_refresh_tokens"), 0u);
  EXPECT_EQ(rows("identity_refresh_families"), 0u);
  EXPECT_EQ(use(token).outcome, Refresh::refused);
}

// Whoever knows the name of a session cannot end it by making a token of its family up.
TEST_F(RefreshTokensTest, NobodyMakesUpOneOfAnotherFamily) {
  const std::string tail = first_.substr(kRefreshPrefix.size() + 43);
  const std::string forged = make_secret_token(kRefreshPrefix).text + tail;
  EXPECT_EQ(forged.size(), first_.size());
  EXPECT_EQ(use(forged).outcome, Refresh::refused);
  EXPECT_EQ(use(make_refresh_token(session_).token.text).outcome, Refresh::refused);
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(use(first_).outcome, Refresh::rotated);
}

TEST_F(RefreshTokensTest, AreNotInTheStore) {
  const std::string second = use(first_).token;
  const auto rows = room_.look(
      [](store::Tx& tx) { return tx.scan(store::Table{"identity_refresh_tokens"}, {}, 10); });
  ASSERT_EQ(rows.size(), 2u);
  for (const store::Row& row : rows) {
    for (const std::string& token : {first_, second}) {
      EXPECT_EQ((row.key + row.value).find(token.substr(kRefreshPrefix.size(), 43)),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace writ::identity
