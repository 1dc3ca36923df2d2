#include "execution/default_check.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::execution {
namespace {

policy::Facts facts_of(int unfinished) {
  policy::Facts facts;
  facts.run = Object{};
  facts.step = Object{};
  facts.facts["steps.unfinished"] = {unfinished, {}};
  return facts;
}

TEST(DefaultCheck, WantsEveryStepToHavePassed) {
  const auto gate = default_check();
  ASSERT_TRUE(gate) << gate.error().text();
  EXPECT_EQ(policy::evaluate(*gate, facts_of(0)).reason, "allow is true: steps.unfinished is 0");
  EXPECT_EQ(policy::evaluate(*gate, facts_of(1)).reason, "allow is false: steps.unfinished is 1");
  EXPECT_FALSE(policy::evaluate(*gate, policy::Facts{}).open);
}

TEST(DefaultCheck, IsToldFromOtherGates) {
  const auto read = [](std::string_view json) {
    return policy::Gate::from_value(parse_json(json).value()).value();
  };
  const auto table = [&](std::string fact) {
    return read(R"({"format":"writ.rule-table/v1","rules":[{"when":{"op":"==","args":[{"fact":")" +
                fact + R"("},{"value":0}]},"then":"open"}]})");
  };
  EXPECT_TRUE(is_default_check(default_check().value()));
  EXPECT_TRUE(is_default_check(table("steps.unfinished")));
  EXPECT_FALSE(is_default_check(table("steps.unproved")));
  EXPECT_FALSE(is_default_check(read(
      R"({"format":"writ.rego-gate/v1","module":"package g\nallow if input.facts[\"exit.ok\"]"})")));
}

}  // namespace
}  // namespace writ::execution
