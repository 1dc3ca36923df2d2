#include "executors/wait.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"
#include "execution/testing/fixed_workspace.h"
#include "store/directory/directory_blob_store.h"

namespace writ::executors {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A step that waits for ten seconds, looked at now and then.
class WaitTest : public testing::Test {
 protected:
  bool is_over() {
    Wait wait;
    const auto result = wait.execute({.plan = plan_,
                                      .step = step_,
                                      .run = RunId(),
                                      .base = "base",
                                      .since = since_,
                                      .wake = wake_,
                                      .idempotency_key = "key",
                                      .token = "token",
                                      .workspace = workspace_,
                                      .tree = {},
                                      .blobs = *blobs_,
                                      .clock = clock_,
                                      .evidence = {},
                                      .words = {},
                                      .events = {}},
                                     {});
    WRIT_ASSERT(result.has_value());
    wake_ = result->wake;  // as the run keeps it
    return result->verdict == execution::Verdict::passed;
  }
  void set_clock(std::chrono::microseconds by) {
    clock_.set_wall({clock_.wall().micros + by.count()});
  }
  std::int64_t left() const { return wake_->micros - clock_.wall().micros; }

  FakeClock clock_;

 private:
  static protocol::PlanStep ten_seconds() {
    protocol::PlanStep step;
    step.kind = protocol::StepKind::wait;
    step.with = Object{{"for", 10'000}};
    return step;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::BlobStore> blobs_ =
      *store::open_directory_blob_store(directory_.path() / "blobs", clock_);
  execution::FixedWorkspace workspace_;
  const protocol::Plan plan_;
  const protocol::PlanStep step_ = ten_seconds();
  const WallTime since_ = clock_.wall();
  std::optional<WallTime> wake_;
};

TEST_F(WaitTest, IsOverWhenItsTimeHasGoneBy) {
  EXPECT_FALSE(is_over());
  clock_.advance(seconds(9));
  EXPECT_FALSE(is_over());
  EXPECT_EQ(left(), 1'000'000);
  clock_.advance(seconds(1));
  EXPECT_TRUE(is_over());
}

TEST_F(WaitTest, BeginsAnewOnceWhereTheClockIsSetBack) {
  EXPECT_FALSE(is_over());
  clock_.advance(seconds(9));
  set_clock(-hours(3));
  EXPECT_FALSE(is_over());
  EXPECT_EQ(left(), 10'000'000);
  clock_.advance(seconds(4));
  EXPECT_FALSE(is_over());
  EXPECT_EQ(left(), 6'000'000);
  clock_.advance(seconds(6));
  EXPECT_TRUE(is_over());
}

TEST_F(WaitTest, IsOverWhereTheClockIsSetForward) {
  EXPECT_FALSE(is_over());
  set_clock(hours(5));
  EXPECT_TRUE(is_over());
}

}  // namespace
}  // namespace writ::executors
