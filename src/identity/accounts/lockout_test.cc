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
  room_.clock.pass(std::chrono::hours(23));
  fail_times({"bob@example.org", "192.0.2.2"}, 1);
  room_.clock.pass(std::chrono::hours(1));
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
  EXPECT_EQ(left.size(), 3u);
}

}  // namespace
}  // namespace writ::identity
