#include "policy/partial/partial.h"

#include <gtest/gtest.h>

#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

// "x; y | z": bodies and their statements; then the support modules. "never", "always".
class PartialRun {
 public:
  explicit PartialRun(const std::string& rules) : run_({"package a\n" + rules}) {}

  PartialRun& with_input(std::string_view json) {
    run_.with_input(json);
    return *this;
  }
  PartialRun& with_data(std::string_view json) {
    run_.with_data(json);
    return *this;
  }
  PartialOptions& options() { return options_; }

  std::string ask(std::string_view query) {
    if (!run_.problem().empty()) return run_.problem();
    const PartialInput input{run_.options().input, run_.options().data, run_.options().services};
    const auto answer = partially_evaluate(run_.program(), query, input, options_);
    if (!answer) return to_text(answer.error());
    if (answer->queries.empty()) return "never";
    std::string out;
    for (const ast::Body& body : answer->queries) {
      std::string text;
      for (const ast::Statement& statement : body) {
        text += (text.empty() ? "" : "; ") + ast::to_text(statement);
      }
      out += (out.empty() ? "" : " | ") + (body.empty() ? "always" : text);
    }
    for (const SupportModule& module : answer->support) out += "\n" + module.text;
    return out;
  }

 private:
  RegoRun run_;
  PartialOptions options_;
};

std::string residue(const std::string& rules, std::string_view query = "data.a.allow == true") {
  return PartialRun(rules).ask(query);
}

TEST(PartialEvaluation, LeavesConditionsOverUnknowns) {
  EXPECT_EQ(residue("default allow := false\nallow if input.role == \"admin\"\n"
                    "allow if { input.level > 3; input.team == \"x\" }"),
            "input.role = \"admin\" | input.level > 3; input.team = \"x\"");
}

TEST(PartialEvaluation, SaysAlwaysAndNever) {
  EXPECT_EQ(residue("allow if 1 == 1\nallow if input.x"), "always");
  EXPECT_EQ(residue("allow if { 1 == 2; input.x }"), "never");
}

TEST(PartialEvaluation, ComputesWhatIsKnown) {
  PartialRun run(
      "allow if { input.user == data.acl.owner; input.action == \"read\" }\n"
      "allow if input.admin");
  run.with_input(R"({"action": "read"})").with_data(R"({"acl": {"owner": "bob"}})");
  run.options().unknowns = {"input.user", "input.admin"};
  EXPECT_EQ(run.ask("data.a.allow"), "input.user = \"bob\" | input.admin");
}

TEST(PartialEvaluation, GoesThroughKnownDocumentsByUnknownKeys) {
  PartialRun run("allow if { some role in data.roles[input.user]; role == \"admin\" }");
  run.with_data(R"({"roles": {"ann": ["admin"], "bob": ["user"], "cy": ["admin", "user"]}})");
  EXPECT_EQ(run.ask("data.a.allow"), "input.user = \"ann\" | input.user = \"cy\"");
}

TEST(PartialEvaluation, KeepsVariablesOfIterations) {
  EXPECT_EQ(residue("allow if { some x in input.xs; x.name == \"a\"; x.n > 3 }"),
            "input.xs[v_1].name = \"a\"; input.xs[v_1].n > 3");
  EXPECT_EQ(residue("allow if { y := input.a + 1; y < 5 }"), "plus(input.a, 1, y_1); y_1 < 5");
}

TEST(PartialEvaluation, AsksForWhatMustBeDefined) {
  EXPECT_EQ(residue("allow if { x := input.a; not x == 1 }"), "_ = input.a; not input.a = 1");
  EXPECT_EQ(residue("allow if { _ = input.a; 1 == 1 }"), "_ = input.a");
}

TEST(PartialEvaluation, NegatesInPlaceWhereThatSaysTheSame) {
  EXPECT_EQ(residue("allow if not q\nq if { input.x == 1; input.y == 2 }"),
            "not input.x = 1 | not input.y = 2");
  EXPECT_EQ(residue("allow if not q\nq if not input.x\nq if input.z"), "input.x; not input.z");
}

TEST(PartialEvaluation, NegatesByRulesElse) {
  EXPECT_EQ(residue("allow if not q\nq if { some x in input.xs; x == 1 }"),
            "not data.partial.__not1__\npackage partial\n\n__not1__ if input.xs[v_1] = 1\n");
  EXPECT_EQ(residue("allow if { some x in input.xs; not x.y > 1 }"),
            "_ = input.xs[v_1]; not data.partial.__not1__(v_1)\npackage partial\n\n"
            "__not1__(v_1) if input.xs[v_1].y > 1\n");
}

TEST(PartialEvaluation, KeepsDefaultsAsSupport) {
  EXPECT_EQ(residue("default n := 7\nn := 1 if input.x\nallow if n == 7", "data.a.n = x"),
            "data.partial.a.n = x\npackage partial.a\n\ndefault n := 7\n\nn := 1 if input.x\n");
}

TEST(PartialEvaluation, GuardsElseBranches) {
  EXPECT_EQ(residue("allow if n == 2\nn := 1 if input.x == 1 else := 2 if input.y == 2 else := 2"),
            "not input.x = 1; input.y = 2 | not input.x = 1; not input.y = 2");
}

TEST(PartialEvaluation, TakesSetsObjectsAndFunctionsIn) {
  EXPECT_EQ(residue("allow if s[\"x\"]\ns contains v if v := input.v"), "input.v = \"x\"");
  EXPECT_EQ(residue("allow if o[\"k\"] == 2\no[k] := v if { k := input.k; v := input.v }"),
            "input.k = \"k\"; input.v = 2");
  EXPECT_EQ(residue("allow if f(input.a)\nf(x) if x > 1\nf(1) := true"),
            "input.a > 1 | input.a = 1");
  EXPECT_EQ(residue("allow if f([input.a, 2])\nf([x, y]) if x > y"), "input.a > 2");
}

TEST(PartialEvaluation, KeepsWholeSetsAndObjectsAsSupport) {
  EXPECT_EQ(residue("allow if count(s) > 1\ns contains v if v := input.vs[_]\ns contains 2"),
            "count(data.partial.a.s, v_2); v_2 > 1\npackage partial.a\n\n"
            "s contains input.vs[v_1] if _ = input.vs[v_1]\n\ns contains 2\n");
}

TEST(PartialEvaluation, KeepsRulesWhoseInliningIsDisabled) {
  PartialRun run("allow if q\nq if { input.x == data.y }\nq if input.z");
  run.with_data(R"({"y": 3})").options().disable_inlining = {"data.a.q"};
  EXPECT_EQ(run.ask("data.a.allow"),
            "data.partial.a.q\npackage partial.a\n\nq if input.x = 3\n\nq if input.z\n");
}

TEST(PartialEvaluation, KeepsComprehensionsAndEveryAsTheyWereWritten) {
  EXPECT_EQ(residue("allow if count([x | some x in input.xs; x > lim]) == 1\nlim := 2"),
            "v_1 = [x_2 | some x_2 in input.xs; x_2 > data.a.lim]; count(v_1, 1)");
  EXPECT_EQ(residue("allow if every x in input.xs { x > 1 }"), "every x_1 in input.xs { x_1 > 1 }");
  EXPECT_EQ(residue("allow if every x in [1, 2] { x < input.n }"), "1 < input.n; 2 < input.n");
}

TEST(PartialEvaluation, LeavesNondeterministicBuiltinsToThoseWhoAsk) {
  const std::string rules = "allow if time.now_ns() > 5";
  EXPECT_EQ(residue(rules), "time.now_ns(v_1); v_1 > 5");
  PartialRun run(rules);
  run.options().calls_nondeterministic = true;
  EXPECT_EQ(run.ask("data.a.allow"), "always");
}

TEST(PartialEvaluation, ShowsWhatAQuerysVariablesAre) {
  EXPECT_EQ(residue("s contains 1\ns contains x if x := input.x", "data.a.s[x]"),
            "x = 1 | input.x; input.x = x");
  EXPECT_EQ(residue("", "x = 1; input.y > x"), "input.y > 1; x = 1");
}

TEST(PartialEvaluation, EndsWhenThereAreTooManyBodies) {
  PartialRun run("allow if input.x == numbers.range(1, 50)[_]");
  run.options().most_queries = 20;
  EXPECT_EQ(run.ask("data.a.allow"),
            "1 error occurred: eval_cancel_error: partial evaluation comes to more than 20 bodies; "
            "make more of the input known, or disable inlining of a rule");
  run.options().most_queries = 100;
  run.options().limits.steps = 30;
  EXPECT_EQ(run.ask("data.a.allow"),
            "1 error occurred: eval_cancel_error: partial evaluation took too many steps");
}

TEST(PartialEvaluation, EndsWhenTermsGrowWithoutEnd) {
  std::string wide = "allow if {\n\tx0 := input.x\n";
  std::string deep = wide;
  for (int i = 1; i < 300; ++i) {
    const std::string before = "x" + std::to_string(i - 1);
    wide += "\tx" + std::to_string(i) + " := [" + before + ", " + before + "]\n";
    deep += "\tx" + std::to_string(i) + " := [" + before + "]\n";
  }
  for (const std::string& rules : {wide, deep}) {
    EXPECT_EQ(residue(rules + "\tx299 == input.y\n}"),
              "1 error occurred: eval_cancel_error: a term over unknowns becomes too large");
  }
}

TEST(PartialEvaluation, GivesVariablesNamesThatNoRuleHas) {
  PartialRun run("allow if q\nq if { some v in input.xs; v > v_1 }\nv_1 := 1 if input.y");
  run.options().disable_inlining = {"data.a.q"};
  EXPECT_EQ(run.ask("data.a.allow"),
            "data.partial.a.q\npackage partial.a\n\nq if {\n\tinput.y\n"
            "\tinput.xs[v__1] > 1\n}\n");
}

TEST(PartialEvaluation, SaysWhatIsWrongWithTheQuestion) {
  EXPECT_TRUE(residue("allow if input.x", "data.a.").contains("rego_parse_error"));
  EXPECT_TRUE(
      residue("allow if input.x", "x > 1").contains("rego_unsafe_var_error: var x is unsafe"));
  PartialRun run("allow if input.x");
  run.options().unknowns = {"input[x]"};
  EXPECT_EQ(
      run.ask("data.a.allow"),
      "1 error occurred: rego_parse_error: unknown input[x] is no reference of constants from "
      "input or data");
}

}  // namespace
}  // namespace writ::rego
