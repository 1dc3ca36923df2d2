#include "identity/accounts/lockout.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

using std::chrono::seconds;

class LockoutTest : public testing::Test {
 protected:
  // Seconds until the next try may be made.
  std::int64_t wait(const SignInTry& made) {
    const auto until =
        room_.look([&](store::Tx& tx) { return must_wait_until(tx, made, room_.now()); });
    return until ? (until->micros - room_.now().micros) / 1'000'000 : 0;
  }
  void fail_times(const SignInTry& made, int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
        return note_failure(tx, made, room_.now());
      }),
                "ok");
    }
  }

  AccountRoom room_;
  const SignInTry ada_{"ada@example.org", "192.0.2.1"};
};

TEST_F(LockoutTest, AFewMistakesCostNothingThenEachTwiceAsMuch) {
  fail_times(ada_, 4);
  EXPECT_EQ(wait(ada_), 0);
  std::string waits;
  for (int i = 0; i < 12; ++i) {
    fail_times(ada_, 1);
    waits += std::to_string(wait(ada_)) + ' ';
  }
  EXPECT_EQ(waits, "1 2 4 8 16 32 64 128 256 512 900 900 ");
  room_.clock.pass(seconds(900));
  EXPECT_EQ(wait(ada_), 0);
}

TEST_F(LockoutTest, StrangersDelayTheOwnerByAMinuteAtMost) {
  for (int i = 0; i < 200; ++i) {
    fail_times({ada_.account, "198.51.100." + std::to_string(i)}, 1);
  }
  EXPECT_EQ(wait(ada_), 60);
  EXPECT_EQ(wait({"bob@example.org", "192.0.2.1"}), 0);
}

TEST_F(LockoutTest, StrangersDoNotDelayWhoSignedInFromHereBefore) {
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) { return note_success(tx, ada_); }),
            "ok");
  for (int i = 0; i < 200; ++i) {
    fail_times({ada_.account, "198.51.100." + std::to_string(i)}, 1);
  }
  EXPECT_EQ(wait(ada_), 0);
  EXPECT_EQ(wait({ada_.account, "192.0.2.2"}), 60);
  EXPECT_EQ(wait({"factor/x", "192.0.2.1"}), 0);
  room_.clock.pass(kFamiliarFor);
  for (int i = 0; i < 200; ++i) {
    fail_times({ada_.account, "198.51.100." + std::to_string(i)}, 1);
  }
  EXPECT_EQ(wait(ada_), 60) << "nobody is familiar for ever";
}

TEST_F(LockoutTest, OneTryAMinuteKeepsNobodyWaiting) {
  for (int i = 0; i < 56; ++i) {
    fail_times({ada_.account, "198.51.100." + std::to_string(i)}, 1);
  }
  EXPECT_EQ(wait(ada_), 60);
  for (int i = 0; i < 60; ++i) {
    room_.clock.pass(seconds(60));
    fail_times({ada_.account, "203.0.113." + std::to_string(i)}, 1);
  }
  EXPECT_EQ(wait(ada_), 0);
}

TEST_F(LockoutTest, WhoIsSignedInIsCountedForThatSessionAlone) {
  const SignInTry own{.account = "session/1", .counted = CountedFor::here};
  fail_times(own, 6);
  EXPECT_EQ(wait(own), 2);
  EXPECT_EQ(wait({.account = "session/2", .counted = CountedFor::here}), 0);
  EXPECT_EQ(wait({.account = "session/1"}), 2);
  EXPECT_EQ(wait({.account = "session/1", .network = "192.0.2.1"}), 0);
}

TEST_F(LockoutTest, TokensThatNobodyGuessesAreCountedForTheirNetworkAlone) {
  const SignInTry bad{.network = "192.0.2.1", .counted = CountedFor::token};
  fail_times(bad, 40);
  EXPECT_EQ(wait(bad), 900);
  EXPECT_EQ(wait({.network = "192.0.2.2", .counted = CountedFor::token}), 0);
  EXPECT_EQ(wait(ada_), 0) << "and keep nobody there from signing in by password";
}

TEST_F(LockoutTest, ManyMistakesAtOneAccountAreOneOfTheirNetwork) {
  fail_times(ada_, 200);
  EXPECT_EQ(wait(ada_), 900);
  EXPECT_EQ(wait({"bob@example.org", "192.0.2.1"}), 0);
}

TEST_F(LockoutTest, WhatANetworkDidIsForgottenByAndBy) {
  for (int i = 0; i < 100; ++i) {
    fail_times({"user" + std::to_string(i) + "@example.org", "192.0.2.1"}, 1);
  }
  EXPECT_EQ(wait(ada_), 900);
  room_.clock.pass(std::chrono::minutes(15));
  std::string waits;
  for (int i = 0; i < 6; ++i) {
    fail_times({"other" + std::to_string(i) + "@example.org", "192.0.2.1"}, 1);
    waits += std::to_string(wait(ada_)) + ' ';
  }
  EXPECT_EQ(waits, "0 0 0 0 1 2 ");
}

TEST_F(LockoutTest, WhoTriesManyAccountsWaitsForAll) {
  for (int i = 0; i < 40; ++i) {
    fail_times({"user" + std::to_string(i) + "@example.org", "192.0.2.1"}, 1);
  }
  EXPECT_EQ(wait(ada_), 900);
  EXPECT_EQ(wait({ada_.account, "192.0.2.2"}), 0);
}

TEST_F(LockoutTest, SuccessClearsWhatThisAddressDidToThisAccount) {
  fail_times(ada_, 7);
  EXPECT_EQ(wait(ada_), 4);
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) { return note_success(tx, ada_); }),
            "ok");
  EXPECT_EQ(wait(ada_), 0);
  fail_times(ada_, 4);
  EXPECT_EQ(wait(ada_), 0);
}

TEST_F(LockoutTest, AQuietDayForgets) {
  fail_times(ada_, 7);
  room_.clock.pass(std::chrono::hours(24));
  fail_times(ada_, 1);
  EXPECT_EQ(wait(ada_), 0);
}

TEST_F(LockoutTest, SweepsWhatNoLongerCounts) {
  fail_times(ada_, 1);
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return note_success(tx, {"carl@example.org", "192.0.2.3"});
  }),
            "ok");
  room_.clock.pass(std::chrono::minutes(15));
  fail_times({"bob@example.org", "192.0.2.2"}, 1);
  std::string after;
  int rounds = 0;
  do {
    after = room_.make(
        [&](store::Tx& tx, const Deed&) { return sweep_failures(tx, after, 2, room_.now()); });
    ++rounds;
  } while (!after.empty());
  EXPECT_EQ(rounds, 4);
  const auto left = room_.look(
      [](store::Tx& tx) { return tx.scan(store::Table{"identity_sign_in_failures"}, {}, 10); });
  EXPECT_EQ(left.size(), 4u) << "three of bob's, and from where carl is known";
}

}  // namespace
}  // namespace writ::identity
