#include "execution/default_check.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/digest.h"

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

// Whoever edits the module adds its digest: else runs that are judged by it would count as forged
// after the next edit.
TEST(DefaultCheck, IsTheNewestOfThoseThatEverWere) {
  const auto gate = default_check();
  ASSERT_TRUE(gate) << gate.error().text();
  EXPECT_EQ(crypto::sha256(gate->rego()->module).hex(), kDefaultChecks.back());
}

TEST(DefaultCheck, IsStillWhatItWasBefore) {
  constexpr std::string_view kFirst =
      "# The gate of a run whose law names no check of its own: every step before it has passed.\n"
      "package writ.gate\n\ndefault allow := false\n\n"
      "allow if input.facts[\"steps.unfinished\"] == 0\n";
  EXPECT_EQ(crypto::sha256(kFirst).hex(), kDefaultChecks.front());
  const auto read = [](std::string_view module, Array facts) {
    Object value{{"format", "writ.rego-gate/v1"}, {"module", module}};
    if (!facts.empty()) value.append("facts", std::move(facts));
    return policy::Gate::from_value(value).value();
  };
  EXPECT_TRUE(is_default_check(read(kFirst, {})));
  EXPECT_FALSE(is_default_check(read(std::string(kFirst) + "\n", {})));
  EXPECT_FALSE(is_default_check(read(kFirst, {"exit.ok"})));
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
