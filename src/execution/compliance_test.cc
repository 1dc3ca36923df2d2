#include "execution/compliance.h"

#include <gtest/gtest.h>

namespace writ::execution {
namespace {

protocol::PlanStep step_of(std::string document, std::string path) {
  protocol::PlanStep step;
  step.path = std::move(path);
  step.origin.document = std::move(document);
  return step;
}

TEST(ComplianceTest, CountsWhatPassedOfEachDocumentAndNamesTheFirstThatDidNot) {
  protocol::Plan plan;
  plan.steps = {step_of("law@1.0.0", "pre/scan"), step_of("spec", "main/build"),
                step_of("law@1.0.0", "post/scan"), step_of("law@1.0.0", "post/tests")};
  RunState state;
  state.steps.resize(4);
  state.steps[0].status = StepStatus::passed;
  state.steps[1].status = StepStatus::passed;
  state.steps[2].status = StepStatus::blocked;
  const auto found = compliance(plan, state);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].document, "law@1.0.0");
  EXPECT_EQ(found[0].passed, 1u);
  EXPECT_EQ(found[0].steps, 3u);
  EXPECT_EQ(found[0].open, "post/scan");
  EXPECT_EQ(found[1].document, "spec");
  EXPECT_EQ(found[1].passed, 1u);
  EXPECT_EQ(found[1].steps, 1u);
  EXPECT_EQ(found[1].open, "");
}

TEST(ComplianceTest, SaysNothingOfAPlanWithoutSteps) { EXPECT_TRUE(compliance({}, {}).empty()); }

}  // namespace
}  // namespace writ::execution
