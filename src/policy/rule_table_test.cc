#include "policy/rule_table.h"

#include <gtest/gtest.h>

namespace writ::policy {
namespace {

struct Compiled {
  std::optional<RuleTable> table;
  std::vector<Diagnostic> diagnostics;
};

// `yaml` is a document with the key `gate`.
Compiled compile(std::string yaml) {
  Compiled result;
  const auto document = parse_document("spec.yaml", std::move(yaml));
  EXPECT_TRUE(document) << document.error().text();
  if (document) {
    result.table = compile_gate(*document, *document->root.find("gate"), result.diagnostics);
  }
  return result;
}

TEST(CompileGate, TurnsBothFormsIntoTheSameTable) {
  const auto text = compile("gate: tests.failed == 0");
  const auto list = compile("gate:\n  - {when: tests.failed == 0, open: true}\n");
  ASSERT_TRUE(text.table && list.table);
  EXPECT_EQ(text.table->to_value(), list.table->to_value());
  EXPECT_EQ(text.table->text(), "tests.failed == 0");
  EXPECT_EQ(text.table->fact_names(), std::vector<std::string>{"tests.failed"});
}

TEST(CompileGate, PrintsAListOnOneLine) {
  const auto list = compile(
      "gate:\n"
      "  - {when: tests.failed > 0, shut: A test failed}\n"
      "  - {when: true, open: true}\n");
  ASSERT_TRUE(list.table);
  EXPECT_EQ(list.table->text(), "shut when tests.failed > 0 (A test failed); open");
}

struct Refusal {
  std::string_view yaml;
  Position at;
  std::string_view message;
};

TEST(CompileGate, RefusesWithThePositionOfWhatIsWrong) {
  constexpr Refusal kCases[] = {
      {"gate: tests.failed == 0 and tests.fialed == 0\n",
       {1, 29},
       "there is no fact `tests.fialed` (did you mean `tests.failed`?)"},
      {"gate: \"exit.code == \\\"0\\\"\"\n",
       {1, 21},
       "`exit.code` is a number, but `\"0\"` is a string"},
      {"gate: 'exit.ok and tests.failed'\n",
       {1, 20},
       "`tests.failed` is a number and no condition"},
      {"gate: |\n  exit.ok and\n  zzz.nope == 0\n", {3, 3}, "there is no fact `zzz.nope`"},
      {"gate: >\n  exit.ok and\n  zzz.nope == 0\n", {3, 3}, "there is no fact `zzz.nope`"},
      {"gate: exit.ok and\n  zzz.nope == 0\n", {2, 3}, "there is no fact `zzz.nope`"},
      {"gate: 3\n", {1, 7}, "a gate is a condition or a list of rules, not integer"},
      {"gate: 'true'\n", {1, 7}, "this gate opens without any evidence"},
      {"gate: 'false'\n", {1, 7}, "only the last rule may say `true`, and none `false`"},
      {"gate:\n  - {when: exit.ok, opne: true}\n", {2, 5}, "a rule either opens or shuts"},
      {"gate:\n  - {when: exit.ok, open: false}\n", {2, 27}, "`open` is always true"},
      {"gate:\n  - {when: exit.ok, open: true, shut: no}\n",
       {2, 5},
       "a rule either opens or shuts"},
      {"gate:\n  - {open: true}\n", {2, 5}, "a rule needs `when`"},
      {"gate:\n  - {when: exit.ok, shut: 3}\n",
       {2, 27},
       "`shut` is a message for people of at most 1024 bytes"},
      {"gate:\n  - {when: exit.ok, shut: Because}\n", {2, 3}, "no rule of this gate opens it"},
      {"gate:\n  - {when: true, shut: Never}\n  - {when: exit.ok, open: true}\n",
       {2, 12},
       "only the last rule may say `true`, and none `false`"},
      {"gate:\n  - {when: 3, open: true}\n", {2, 12}, "`when` is a condition, not integer"},
      {"gate:\n  - exit.ok\n", {2, 5}, "a rule is an object, not string"},
      {"gate:\n  - {when: true, open: true}\n", {2, 3}, "this gate opens without any evidence"},
  };
  for (const Refusal& c : kCases) {
    const auto compiled = compile(std::string(c.yaml));
    EXPECT_FALSE(compiled.table) << c.yaml;
    bool found = false;
    for (const Diagnostic& d : compiled.diagnostics) {
      found = found || (d.message == c.message && d.at == c.at && d.file == "spec.yaml");
    }
    EXPECT_TRUE(found) << c.yaml << "got: "
                       << (compiled.diagnostics.empty()
                               ? "nothing"
                               : compiled.diagnostics[0].message + " at " +
                                     std::to_string(compiled.diagnostics[0].at.line) + ":" +
                                     std::to_string(compiled.diagnostics[0].at.column));
  }
}

TEST(CompileGate, ReportsEverythingAtOnce) {
  const auto compiled = compile(
      "gate:\n"
      "  - {when: tests.a > 0, shut: x}\n"
      "  - {when: tests.b > 0, open: yes}\n"
      "  - {wehn: exit.ok, open: true}\n");
  EXPECT_EQ(compiled.diagnostics.size(), 5u);  // two facts, `yes`, an unknown key, no `when`
}

TEST(RuleTable, RefusesStoredTablesThatNoGateCompilesTo) {
  const auto refused = [](Value rules) {
    const auto table = RuleTable::from_value(
        Object{{"format", "writ.rule-table/v1"}, {"rules", std::move(rules)}});
    return table ? std::string("accepted") : table.error().message;
  };
  const Value always = Object{{"value", true}};
  const Value fact = Object{{"fact", "exit.ok"}};
  EXPECT_EQ(refused(Array{Object{{"when", always}, {"then", "open"}}}),
            "this is no canonical rule table: it opens without any evidence");
  EXPECT_EQ(refused(Array{Object{{"when", fact}, {"then", "maybe"}}}),
            "this is no canonical rule table: a rule has `when`, and `then` is open or shut");
  EXPECT_EQ(refused(Array{Object{{"when", fact}, {"then", "shut"}}}),
            "this is no canonical rule table: a rule has a `message` exactly if it shuts");
  EXPECT_EQ(refused(Array{Object{{"when", Object{{"fact", "no.such"}}}, {"then", "open"}}}),
            "this is no canonical gate expression: there is no fact `no.such`");
  EXPECT_EQ(refused(Array{Object{{"when", fact}, {"then", "open"}}}), "accepted");
}

TEST(Evaluate, NamesEveryOperandWithItsOrigin) {
  const auto compiled = compile("gate: tests.failed == 0 and scan.violations == 0");
  Facts facts;
  ASSERT_TRUE(facts.add("tests.failed", 2, {"e1", "test/unit", "tests"}));
  facts.stale.push_back(
      {"scan.violations", "evidence of step pre-flight/scan was made on another tree"});
  const Decision decision = evaluate(*compiled.table, facts);
  EXPECT_FALSE(decision.open);
  ASSERT_EQ(decision.operands.size(), 2u);
  EXPECT_EQ(decision.operands[0].fact, "scan.violations");
  EXPECT_FALSE(decision.operands[0].value);
  EXPECT_EQ(decision.operands[0].note, "evidence of step pre-flight/scan was made on another tree");
  EXPECT_EQ(*decision.operands[1].value, Value(2));
  EXPECT_EQ(decision.operands[1].note, "tests of test/unit");
  EXPECT_EQ(decision.reason,
            "tests.failed is 2, the gate wants tests.failed == 0; scan.violations is absent "
            "(evidence of step pre-flight/scan was made on another tree), the gate wants "
            "scan.violations == 0");
  EXPECT_EQ(decision.wanted,
            (std::vector<std::string>{"tests.failed == 0", "scan.violations == 0"}));
}

}  // namespace
}  // namespace writ::policy
