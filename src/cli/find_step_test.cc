#include "cli/find_step.h"

#include <gtest/gtest.h>

namespace writ::cli {
namespace {

protocol::Plan plan_of(std::initializer_list<const char*> paths) {
  protocol::Plan plan;
  for (const char* path : paths) plan.steps.emplace_back().path = path;
  return plan;
}

TEST(FindStep, TakesAPathOrTheOneEndThatFits) {
  const protocol::Plan plan = plan_of({"build/compile", "test/unit", "unit"});
  EXPECT_EQ(find_step(plan, "test/unit").value(), "test/unit");
  EXPECT_EQ(find_step(plan, "compile").value(), "build/compile");
  EXPECT_EQ(find_step(plan, "unit").value(), "unit") << "the whole path goes before an end";
}

TEST(FindStep, RefusesAnEndOfSeveralAndNamesThem) {
  const auto found = find_step(plan_of({"a/unit", "b/unit"}), "unit");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::invalid_input);
  EXPECT_NE(found.error().message.find("a/unit, b/unit"), std::string::npos);
}

TEST(FindStep, NamesTheNearestPath) {
  const auto found = find_step(plan_of({"test/unit"}), "test/unti");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::not_found);
  EXPECT_NE(found.error().message.find("did you mean `test/unit`"), std::string::npos);
  EXPECT_FALSE(find_step(plan_of({"test/unit"}), "nit"));
}

}  // namespace
}  // namespace writ::cli
