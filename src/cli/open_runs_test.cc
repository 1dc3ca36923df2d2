#include "cli/open_runs.h"

#include <gtest/gtest.h>

namespace writ::cli {
namespace {

RunId run_id(std::string_view name) { return {Uuid::v5(kWritNamespace, name)}; }

execution::RunRow row_of(std::string_view name, std::string_view parent = "") {
  execution::RunRow row;
  row.id = run_id(name);
  if (!parent.empty()) row.parent = run_id(parent);
  return row;
}

protocol::Plan plan_of(std::size_t steps) {
  protocol::Plan plan;
  plan.steps.resize(steps);
  return plan;
}

TEST(OpenRuns, TellsTheStepsOfARunFromThoseOfItsChild) {
  const protocol::Plan parent = plan_of(3);
  const protocol::Plan child = plan_of(2);
  OpenRuns runs;
  EXPECT_EQ(runs.open(parent, row_of("parent")).depth, 0u);
  EXPECT_EQ(runs.open(child, row_of("child", "parent")).depth, 1u);
  EXPECT_EQ(runs.of(parent.steps[2]).id, run_id("parent"));
  EXPECT_EQ(runs.of(parent.steps[2]).total, 3u);
  EXPECT_EQ(runs.of(child.steps[0]).id, run_id("child"));
  EXPECT_EQ(runs.close(run_id("child")).depth, 1u);
  EXPECT_EQ(runs.of(child.steps[0]).total, 0u);
  EXPECT_EQ(runs.of(parent.steps[0]).id, run_id("parent"));
}

TEST(OpenRuns, KnowsTwoChildrenOfOneRunSideBySide) {
  const protocol::Plan parent = plan_of(2);
  const protocol::Plan one = plan_of(1);
  const protocol::Plan other = plan_of(1);
  OpenRuns runs;
  runs.open(parent, row_of("parent"));
  EXPECT_EQ(runs.open(one, row_of("one", "parent")).depth, 1u);
  EXPECT_EQ(runs.open(other, row_of("other", "parent")).depth, 1u);
  EXPECT_EQ(runs.of(one.steps[0]).id, run_id("one"));
  EXPECT_EQ(runs.close(run_id("one")).depth, 1u);
  EXPECT_EQ(runs.of(other.steps[0]).depth, 1u);
}

TEST(OpenRuns, ForgetsARunThatIsOpenedAgain) {
  const protocol::Plan before = plan_of(1);
  const protocol::Plan after = plan_of(1);
  OpenRuns runs;
  runs.open(before, row_of("run"));
  EXPECT_EQ(runs.open(after, row_of("run")).depth, 0u);
  EXPECT_EQ(runs.of(before.steps[0]).total, 0u);
  EXPECT_EQ(runs.close(run_id("other")).depth, 0u);
}

}  // namespace
}  // namespace writ::cli
