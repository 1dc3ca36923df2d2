#include "execution/run_news.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <vector>

#include "execution/testing/engine_drives.h"
#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

using namespace std::chrono_literals;

RunNews::Time in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

class RunNewsTest : public ::testing::Test {
 protected:
  // A run whose one step waits for an agent.
  RunId waiting_run() {
    RunId run;
    protocol::PlanStep step = step_named("port");
    step.kind = protocol::StepKind::external;
    room_.executor.scripts["port"] = [](const StepContext&) -> Result<StepResult> {
      StepResult result;
      result.verdict = Verdict::waiting;
      return result;
    };
    start_and_drive(room_, plan_of({step}), &run);
    return run;
  }
  std::uint64_t next_of(RunId run) { return next_event(*room_.store, run).value(); }
  std::future<bool> waits(RunId run, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, run, stop, next = next_of(run)] {
      return news_.wait(run, next, stop, in(60s)).value().is_any();
    });
  }

  EngineRoom room_;
  RunNews news_{*room_.store};
};

TEST_F(RunNewsTest, WakesWhoWaitsForTheRunThatWasWrittenTo) {
  const RunId one = waiting_run();
  const RunId other = waiting_run();
  std::stop_source stop;
  auto of_one = waits(one);
  auto of_other = waits(other, stop.get_token());
  hand_in(room_, one);
  EXPECT_TRUE(of_one.get());
  EXPECT_EQ(of_other.wait_for(50ms), std::future_status::timeout);
  stop.request_stop();
  EXPECT_FALSE(of_other.get());
}

TEST_F(RunNewsTest, FindsWhatWasWrittenBeforeItWaited) {
  const RunId run = waiting_run();
  const std::uint64_t before = next_of(run);
  hand_in(room_, run);
  EXPECT_TRUE(news_.wait(run, before, {}, in(60s)).value().has_moved);
}

TEST_F(RunNewsTest, WaitsNoLongerThanItIsTold) {
  const RunId run = waiting_run();
  EXPECT_FALSE(news_.wait(run, next_of(run), {}, in(5ms)).value().is_any());
}

TEST_F(RunNewsTest, ManyWaitAndEachHearsOfItsOwn) {
  std::vector<RunId> runs;
  std::vector<std::future<bool>> waiting;
  for (int i = 0; i < 20; ++i) runs.push_back(waiting_run());
  waiting.reserve(runs.size());
  for (const RunId run : runs) waiting.push_back(waits(run));
  for (const RunId run : runs) hand_in(room_, run);
  for (auto& one : waiting) EXPECT_TRUE(one.get());
}

}  // namespace
}  // namespace writ::execution
