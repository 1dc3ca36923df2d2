#include "store/store_time.h"

#include <gtest/gtest.h>

#include <atomic>

#include "store/open.h"
#include "store/testing/fake_clock.h"

namespace writ::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// The store is on another machine: its clock is not the one that this machine has.
class StoreTimeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(time_.look()); }
  std::int64_t ahead_of_store() const { return time_.wall().micros - of_store_.wall().micros; }

  FakeClock of_store_;
  FakeClock of_machine_;
  std::atomic<bool> is_of_machine_ = false;
  const std::unique_ptr<Store> store_ = open("memory:", {.clock = &of_store_}).value();
  StoreTime time_{*store_, of_machine_, [this] { return is_of_machine_.load(); }};
};

TEST_F(StoreTimeTest, GoesOnAtThePaceOfTheMachineBetweenTwoLooks) {
  of_store_.pass(seconds(7));
  of_machine_.pass(seconds(7));
  EXPECT_EQ(ahead_of_store(), 0);
}

TEST_F(StoreTimeTest, DoesNotCareHowTheClockOfTheMachineIsSet) {
  of_machine_.set_back(hours(3));
  EXPECT_EQ(ahead_of_store(), 0);
  of_machine_.set_back(hours(-8));
  EXPECT_EQ(ahead_of_store(), 0);
}

TEST_F(StoreTimeTest, FollowsTheStoreForwardAtTheNextLookAndNeverBack) {
  of_store_.set_back(hours(-2));
  EXPECT_EQ(ahead_of_store(), -7'200'000'000);
  ASSERT_TRUE(time_.look());
  EXPECT_EQ(ahead_of_store(), 0);
  const WallTime before = time_.wall();
  of_store_.set_back(hours(1));
  ASSERT_TRUE(time_.look());
  EXPECT_EQ(time_.wall(), before);
}

TEST_F(StoreTimeTest, FollowsTheMachineForwardAtOnceWhereTheStoreTellsItsTimeByIt) {
  is_of_machine_ = true;
  of_machine_.set_back(hours(-1));
  EXPECT_EQ(time_.wall(), of_machine_.wall());
  const WallTime before = time_.wall();
  of_machine_.set_back(hours(5));
  EXPECT_EQ(time_.wall(), before);
}

}  // namespace
}  // namespace writ::store
