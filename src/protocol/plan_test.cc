#include "protocol/plan.h"

#include <gtest/gtest.h>

namespace writ::protocol {
namespace {

TEST(Plan, FindsItsSteps) {
  Plan plan;
  plan.steps.resize(2);
  plan.steps[1].path = "test/unit";
  EXPECT_EQ(plan.find("test/unit"), 1u);
  EXPECT_EQ(plan.find("nothing"), 2u);
}

}  // namespace
}  // namespace writ::protocol
