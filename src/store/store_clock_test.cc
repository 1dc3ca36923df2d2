#include "store/store_clock.h"

#include <gtest/gtest.h>

#include "store/testing/fake_clock.h"

namespace writ::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class StoreClockTest : public ::testing::Test {
 protected:
  std::int64_t now(std::int64_t stored = 0) { return time_.now({stored}).micros; }
  std::int64_t wall() const { return clock_.wall().micros; }

  FakeClock clock_;
  StoreClock time_{clock_};
};

TEST_F(StoreClockTest, FollowsTheWallClock) {
  EXPECT_EQ(now(), wall());
  clock_.pass(seconds(7));
  EXPECT_EQ(now(), wall());
}

TEST_F(StoreClockTest, GoesOnAtThePaceOfTheSteadyClockWhenTheWallClockIsSetBack) {
  const auto before = now();
  clock_.set_back(hours(1));
  EXPECT_EQ(now(), before);
  clock_.pass(seconds(7));
  EXPECT_EQ(now(), before + 7'000'000);
}

TEST_F(StoreClockTest, IsNeverBehindWhatTheStoreHasOnRecord) {
  const auto ahead = wall() + 3'600'000'000;
  EXPECT_EQ(now(ahead), ahead);
  clock_.pass(seconds(7));
  EXPECT_EQ(now(ahead), ahead + 7'000'000);
}

TEST_F(StoreClockTest, FollowsTheWallClockForward) {
  now();
  clock_.set_back(-hours(1));
  EXPECT_EQ(now(), wall());
}

}  // namespace
}  // namespace writ::store
