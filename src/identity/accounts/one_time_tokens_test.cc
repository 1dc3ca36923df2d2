#include "identity/accounts/one_time_tokens.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

class OneTimeTokensTest : public testing::Test {
 protected:
  std::string give(OneTimeUse use) {
    const SecretToken token = make_one_time_token(use);
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_one_time_token(tx, use, token, ada_, room_.now());
    }),
              "ok");
    return token.text;
  }
  std::string spend(OneTimeUse use, const std::string& token) {
    const auto user = room_.make([&](store::Tx& tx, const Deed&) {
      return spend_one_time_token(tx, use, token, room_.now());
    });
    return user ? user->user.email : "no good";
  }
  void change(const UserChange& what) {
    room_.make([&](store::Tx& tx, const Deed& by) { return change_user(tx, ada_.id, what, by); });
  }

  AccountRoom room_;
  User ada_ = room_.add_user(1, "ada@example.org");
};

TEST_F(OneTimeTokensTest, WorkOnce) {
  const std::string token = give(OneTimeUse::reset);
  EXPECT_TRUE(token.starts_with("writ_reset_")) << token.substr(0, 11);
  EXPECT_EQ(spend(OneTimeUse::reset, token), "ada@example.org");
  EXPECT_EQ(spend(OneTimeUse::reset, token), "no good");
}

TEST_F(OneTimeTokensTest, WorkForOneUseAlone) {
  for (std::size_t made = 0; made < kOneTimeUses.names.size(); ++made) {
    const std::string token = give(static_cast<OneTimeUse>(made));
    for (std::size_t shown = 0; shown < kOneTimeUses.names.size(); ++shown) {
      if (shown == made) continue;
      EXPECT_EQ(spend(static_cast<OneTimeUse>(shown), token), "no good") << made << shown;
      const std::string renamed =
          "writ_" + std::string(kOneTimeUses.names[shown]) + token.substr(token.size() - 44);
      EXPECT_EQ(spend(static_cast<OneTimeUse>(shown), renamed), "no good") << made << shown;
    }
    EXPECT_EQ(spend(static_cast<OneTimeUse>(made), token), "ada@example.org") << made;
  }
}

TEST_F(OneTimeTokensTest, Expire) {
  const std::string token = give(OneTimeUse::magic_link);
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(spend(OneTimeUse::magic_link, token), "no good");
}

TEST_F(OneTimeTokensTest, FormerOnesStayGoodUntilOneIsUsed) {
  const std::string first = give(OneTimeUse::verify);
  const std::string second = give(OneTimeUse::verify);
  const std::string other = give(OneTimeUse::reset);
  EXPECT_EQ(spend(OneTimeUse::verify, first), "ada@example.org");
  EXPECT_EQ(spend(OneTimeUse::verify, second), "no good");
  EXPECT_EQ(spend(OneTimeUse::reset, other), "ada@example.org");
}

TEST_F(OneTimeTokensTest, TheOldestOfTooManyIsVoid) {
  const std::string first = give(OneTimeUse::reset);
  const std::string second = give(OneTimeUse::reset);
  for (std::size_t i = 2; i <= kMostOneTimeTokens; ++i) give(OneTimeUse::reset);
  EXPECT_EQ(spend(OneTimeUse::reset, first), "no good");
  EXPECT_EQ(spend(OneTimeUse::reset, second), "ada@example.org");
}

TEST_F(OneTimeTokensTest, RegistrationsWaitByAddressAndOneOfThemIsFinished) {
  const auto put = [&](const std::string& email, const std::string& password) {
    const SecretToken token = make_one_time_token(OneTimeUse::verify);
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_pending_registration(tx, token, {email, password}, room_.now());
    }),
              "ok");
    return token.text;
  };
  const auto finish = [&](const std::string& token) {
    const auto pending = room_.make([&](store::Tx& tx, const Deed&) {
      return spend_pending_registration(tx, token, room_.now());
    });
    return pending ? pending->email + ' ' + pending->password : "no good";
  };
  const std::string first = put("bob@example.org", "one");
  const std::string second = put("bob@example.org", "two");
  const std::string other = put("carl@example.org", "three");
  EXPECT_EQ(spend(OneTimeUse::verify, first), "no good") << "nobody's yet";
  EXPECT_EQ(finish(give(OneTimeUse::verify)), "no good") << "somebody's";
  EXPECT_EQ(finish(second), "bob@example.org two");
  EXPECT_EQ(finish(first), "no good");
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_EQ(finish(other), "no good");
}

TEST_F(OneTimeTokensTest, DieWithAChangeOfPasswordOrAddress) {
  const std::string reset = give(OneTimeUse::reset);
  change({.password = "another"});
  EXPECT_EQ(spend(OneTimeUse::reset, reset), "no good");
  ada_ = *room_.look([&](store::Tx& tx) { return find_user(tx, ada_.id); });
  const std::string verify = give(OneTimeUse::verify);
  change({.email = "countess@example.org"});
  EXPECT_EQ(spend(OneTimeUse::verify, verify), "no good");
}

TEST_F(OneTimeTokensTest, AreNoGoodForWhoIsSwitchedOff) {
  const std::string token = give(OneTimeUse::magic_link);
  change({.is_active = false});
  EXPECT_EQ(spend(OneTimeUse::magic_link, token), "no good");
}

TEST_F(OneTimeTokensTest, CanBeTakenBack) {
  const std::string token = give(OneTimeUse::reset);
  EXPECT_EQ(
      room_.attempt([&](store::Tx& tx, const Deed&) { return erase_one_time_tokens(tx, ada_.id); }),
      "ok");
  EXPECT_EQ(spend(OneTimeUse::reset, token), "no good");
}

}  // namespace
}  // namespace writ::identity
