#include "policy/gate/gate_policy.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/expression.h"
#include "policy/format/format.h"
#include "policy/parse/parser.h"

namespace writ::policy {
namespace {

RuleTable table_of(const std::vector<std::pair<std::string, bool>>& rows) {
  RuleTable table;
  for (const auto& [text, opens] : rows) {
    std::vector<ExpressionProblem> problems;
    auto parsed = parse_expression(text, problems);
    EXPECT_TRUE(parsed) << (problems.empty() ? text : problems[0].message);
    table.rules.push_back({std::make_shared<const Expression>(parsed.value_or(Expression{})), opens,
                           opens ? "" : "no"});
  }
  return table;
}

Facts facts_of(const std::map<std::string, Value>& values) {
  Facts facts;
  facts.run = Object{};
  facts.step = Object{};
  for (const auto& [name, value] : values) facts.facts[name] = {value, {}};
  return facts;
}

TEST(GatePolicy, IsReadableRegoInTheOneLayout) {
  const std::string text = gate_policy(
      table_of({{"tests.failed > 0", false}, {"tests.passed >= 12 and exit.ok", true}}));
  EXPECT_EQ(text, R"(package writ.gate

# The first rule that matches decides; when none does, the gate is shut.
decision := {"open": allow, "rule": first, "sure": first in sure}

default allow := false

allow if first in {1}

first := min(matching)

fact_exit_ok := value if {
	value := input.facts["exit.ok"]
	is_boolean(value)
}

fact_tests_failed := value if {
	value := input.facts["tests.failed"]
	is_number(value)
}

fact_tests_passed := value if {
	value := input.facts["tests.passed"]
	is_number(value)
}

# 0: shut when tests.failed > 0
matching contains 0 if not fact_tests_failed <= 0

sure contains 0 if fact_tests_failed > 0

part_0 if {
	fact_tests_passed >= 12
	fact_exit_ok == true
}

# 1: open when tests.passed >= 12 and exit.ok
matching contains 1 if part_0

sure contains 1 if part_0
)");
  const auto module = rego::parse_module("gate.rego", text);
  ASSERT_TRUE(module) << rego::to_text(module.error());
}

TEST(GatePolicy, TellsFactsApartWhoseNamesLookTheSameInRego) {
  const RuleTable table = table_of(
      {{R"(benchmark."a/b" < 10 and benchmark."a b" < 20 and benchmark."a\"b" < 30)", true}});
  const auto verdict = [&](int first, int second, int third) {
    return decide(table, facts_of({{"benchmark.a/b", first},
                                   {"benchmark.a b", second},
                                   {"benchmark.a\"b", third}}))
        .value();
  };
  const Verdict shut{false, std::nullopt, true};
  EXPECT_EQ(verdict(9, 19, 29), (Verdict{true, 0, true}));
  EXPECT_EQ(verdict(10, 19, 29), shut);
  EXPECT_EQ(verdict(9, 20, 29), shut);
  EXPECT_EQ(verdict(9, 19, 30), shut);
}

TEST(GatePolicy, DecidesAsTheFirstRuleThatMatches) {
  const RuleTable table =
      table_of({{"tests.failed > 0", false}, {"tests.passed >= 12 or exit.ok", true}});
  const auto verdict = [&](const std::map<std::string, Value>& values) {
    return decide(table, facts_of(values)).value();
  };
  EXPECT_EQ(verdict({}), (Verdict{false, 0, false}));
  EXPECT_EQ(verdict({{"tests.failed", 1}}), (Verdict{false, 0, true}));
  EXPECT_EQ(verdict({{"tests.failed", 0}}), (Verdict{false, std::nullopt, true}));
  EXPECT_EQ(verdict({{"tests.failed", 0}, {"exit.ok", true}}), (Verdict{true, 1, true}));
  EXPECT_EQ(verdict({{"tests.failed", 0}, {"tests.passed", 12}}), (Verdict{true, 1, true}));
}

TEST(GatePolicy, TakesAFactOfAnotherTypeAsAbsent) {
  const RuleTable table = table_of({{"tests.passed >= 1", true}});
  EXPECT_EQ(decide(table, facts_of({{"tests.passed", "many"}})).value(),
            (Verdict{false, std::nullopt, true}));
  EXPECT_EQ(decide(table, facts_of({{"tests.passed", 1.0}})).value(), (Verdict{true, 0, true}));
}

TEST(GatePolicy, ComparesNumbersByTheirExactValue) {
  const std::int64_t large = 9'007'199'254'740'993;  // has no double
  const Facts facts = facts_of({{"tests.passed", large}, {"tests.total", 9'007'199'254'740'992.0}});
  EXPECT_TRUE(decide(table_of({{"tests.passed > tests.total", true}}), facts).value().open);
  EXPECT_FALSE(decide(table_of({{"tests.passed == tests.total", true}}), facts).value().open);
}

// Conditions of every form over a few facts of each type.
rc::Gen<std::string> condition(int depth) {
  const auto leaf = rc::gen::element<std::string>(
      "exit.ok", "not exit.ok", "tests.failed == 0", "tests.failed != 0", "tests.passed >= 3",
      "tests.passed < tests.total", "exit.code in [0, 3]", "exit.code not in [1, 2]",
      "tests.passed == 2.5", "not tests.passed > 1");
  if (depth == 0) return leaf;
  const auto joined = rc::gen::map(
      rc::gen::tuple(condition(depth - 1), rc::gen::element<std::string>(" and ", " or "),
                     condition(depth - 1), rc::gen::arbitrary<bool>()),
      [](const std::tuple<std::string, std::string, std::string, bool>& parts) {
        const auto& [left, word, right, is_negated] = parts;
        return (is_negated ? "not (" : "(") + left + word + right + ")";
      });
  return rc::gen::weightedOneOf<std::string>({{1, leaf}, {3, joined}});
}

RC_GTEST_PROP(GatePolicyProperty, ComesToWhatTheConditionsComeTo, ()) {
  std::vector<std::pair<std::string, bool>> rows;
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    rows.emplace_back(*condition(2), *rc::gen::arbitrary<bool>());
  }
  const RuleTable table = table_of(rows);
  std::map<std::string, Value> values;
  for (const char* name : {"tests.failed", "tests.passed", "tests.total", "exit.code"}) {
    if (*rc::gen::arbitrary<bool>()) values[name] = *rc::gen::inRange(0, 5);
  }
  if (*rc::gen::arbitrary<bool>()) values["exit.ok"] = *rc::gen::arbitrary<bool>();
  const Facts facts = facts_of(values);
  const auto verdict = decide(table, facts);
  RC_ASSERT(verdict.has_value());
  RC_ASSERT(*verdict == first_match(table, facts));
}

}  // namespace
}  // namespace writ::policy
