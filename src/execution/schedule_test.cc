#include "execution/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace writ::execution {
namespace {

constexpr std::size_t kNoLimit = 1000;

protocol::Plan plan_of(const std::vector<std::vector<std::size_t>>& needs) {
  protocol::Plan plan;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    protocol::PlanStep step;
    step.path = "step-" + std::to_string(i);
    for (const std::size_t need : needs[i]) step.needs.push_back("step-" + std::to_string(need));
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

// A schedule beside the state that it is told of.
struct Table {
  explicit Table(const protocol::Plan& plan) : schedule(plan) {
    state.steps.resize(plan.steps.size());
  }
  void set(std::size_t index, StepStatus status) {
    state.steps[index].status = status;
    schedule.note(state, {{index}});
  }
  std::vector<std::size_t> ready(std::size_t limit = kNoLimit) const {
    return schedule.ready(state, WallTime{100}, limit);
  }

  RunState state;
  Schedule schedule;
};

using Steps = std::vector<std::size_t>;

TEST(Schedule, StartsAStepOnceAllThatItNeedsHasPassed) {
  Table table(plan_of({{}, {}, {0, 1}}));
  EXPECT_EQ(table.ready(), (Steps{0, 1}));
  table.set(0, StepStatus::passed);
  EXPECT_EQ(table.ready(), (Steps{1}));
  table.set(1, StepStatus::running);
  EXPECT_EQ(table.ready(), Steps{});
  table.set(1, StepStatus::passed);
  EXPECT_EQ(table.ready(), (Steps{2}));
  EXPECT_FALSE(table.schedule.all_passed());
  table.set(2, StepStatus::passed);
  EXPECT_TRUE(table.schedule.all_passed());
}

TEST(Schedule, WhatComesAfterAReopenedStepWaitsForIt) {
  Table table(plan_of({{}, {0}, {1}}));
  table.set(0, StepStatus::passed);
  table.set(1, StepStatus::passed);
  EXPECT_EQ(table.ready(), (Steps{2}));
  table.set(0, StepStatus::pending);
  EXPECT_EQ(table.ready(), (Steps{0}));
  table.set(0, StepStatus::passed);
  EXPECT_EQ(table.ready(), (Steps{2}));
}

TEST(Schedule, IsHaltedAsLongAsAStepStandsInTheWay) {
  Table table(plan_of({{}, {}}));
  for (const StepStatus status : {StepStatus::failed, StepStatus::shut, StepStatus::blocked}) {
    table.set(1, status);
    EXPECT_TRUE(table.schedule.is_halted());
    table.set(1, StepStatus::pending);
    EXPECT_FALSE(table.schedule.is_halted());
  }
}

TEST(Schedule, WaitsForWakeTimesAndGivesNoMoreThanTheLimit) {
  Table table(plan_of({{}, {}, {}}));
  table.state.steps[0].wake = WallTime{101};
  EXPECT_EQ(table.ready(), (Steps{1, 2}));
  EXPECT_EQ(table.ready(1), (Steps{1}));
  EXPECT_EQ(Schedule::next_wake(table.state, {100}), (WallTime{101}));
}

TEST(Schedule, TriesAgainAtOnceWhereTheClockWasSetBackBehindTheTry) {
  Table table(plan_of({{}}));
  table.state.steps[0].since = WallTime{5'000};
  table.state.steps[0].wake = WallTime{5'010};
  EXPECT_EQ(table.ready(), (Steps{0})) << "it is 100 there";
  EXPECT_EQ(Schedule::next_wake(table.state, {100}), (WallTime{100}));
  EXPECT_EQ(Schedule::next_wake(table.state, {5'001}), (WallTime{5'010}));
}

// What the schedule keeps up to date, worked out anew from the whole state.
Steps ready_by_definition(const std::vector<std::vector<std::size_t>>& needs,
                          const RunState& state) {
  Steps out;
  std::vector<bool> is_settled(needs.size());
  for (std::size_t i = 0; i < needs.size(); ++i) {
    const bool is_free = std::ranges::all_of(needs[i], [&](auto need) { return is_settled[need]; });
    is_settled[i] = is_free && state.steps[i].status == StepStatus::passed;
    if (is_free && state.steps[i].status == StepStatus::pending) out.push_back(i);
  }
  return out;
}

TEST(Schedule, KeepsUpWithAnyOrderOfChanges) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::vector<std::size_t>> needs(12);
    for (std::size_t i = 1; i < needs.size(); ++i) {
      for (std::size_t need = 0; need < i; ++need) {
        if (random() % 4 == 0) needs[i].push_back(need);
      }
    }
    Table table(plan_of(needs));
    for (int change = 0; change < 200; ++change) {
      table.set(random() % needs.size(), static_cast<StepStatus>(random() % 7));
      ASSERT_EQ(table.ready(), ready_by_definition(needs, table.state));
    }
  }
}

}  // namespace
}  // namespace writ::execution
