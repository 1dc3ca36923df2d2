#include "policy/compile/compiler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/compile/body_compiler.h"
#include "policy/compile/recursion.h"
#include "policy/term/build.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

std::string problem(const std::string& rules) { return RegoRun({"package a\n" + rules}).problem(); }

TEST(RegoCompiler, RefusesVariablesThatNothingBinds) {
  const std::pair<const char*, const char*> rows[] = {
      {"p if { x > 1 }", "p0.rego:2: rego_unsafe_var_error: var x is unsafe"},
      {"p if { not input.a[i] }", "rego_unsafe_var_error: var i is unsafe"},
      {"p if { not input.a[_] }", "rego_unsafe_var_error: var _ is unsafe"},
      {"p if { x in [1] }", "rego_unsafe_var_error: var x is unsafe"},
      {"p := x", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { {\"a\": w} = {\"a\": 5, \"b\": 1} }", "unsafe"},
      {"p if { true with input as y }", "var y is unsafe"},
  };
  for (const auto& [text, wanted] : rows) {
    EXPECT_TRUE(problem(text).contains(wanted)) << text << "\n" << problem(text);
  }
}

TEST(RegoCompiler, PutsStatementsInAnOrderThatIsSafe) {
  EXPECT_EQ(RegoRun({"package a\np if { x == 1; x = 1 }"}).value("data.a.p"), "true");
  EXPECT_EQ(RegoRun({"package a\np if { some i; not input.a[i]; i = 0 }"}).value("data.a.p"),
            "true");
  EXPECT_EQ(RegoRun({"package a\np := y if { [x, y] = [y, 2] }"}).value("data.a.p"), "2");
}

TEST(RegoCompiler, RefusesNamesThatMeanTwoThings) {
  const std::pair<const char*, const char*> rows[] = {
      {"p if { x := 1; x := 2 }", "rego_compile_error: var x assigned above"},
      {"p if { y := x; x := 2 }", "rego_compile_error: var x referenced above"},
      {"f(x) if { x := 2 }", "rego_compile_error: arg x redeclared"},
      {"p if { input := 2 }", "variables must not shadow input (use a different variable name)"},
      {"p := 1\np contains 2", "rego_type_error: conflicting rules data.a.p found"},
      {"f(x) := 1\nf(x, y) := 2", "rego_type_error: conflicting rules data.a.f found"},
      {"p := {}\np.q := 1", "rego_type_error: rule data.a.p conflicts with [data.a.p.q]"},
      {"default p := 1\ndefault p := 2",
       "multiple default rules data.a.p found at p0.rego:2, p0.rego:3"},
  };
  for (const auto& [text, wanted] : rows) {
    EXPECT_TRUE(problem(text).contains(wanted)) << text << "\n" << problem(text);
  }
}

TEST(RegoCompiler, RefusesCallsThatCannotBe) {
  EXPECT_TRUE(problem("p := foo(1)").contains("rego_type_error: undefined function foo"));
  EXPECT_TRUE(problem("p := count(1, 2, 3)").contains("arity mismatch"));
  EXPECT_TRUE(
      problem("p if { true with foo as 1 }")
          .contains("with keyword target must reference existing input, data, or a function"));
}

TEST(RegoCompiler, FindsRecursionByWhateverWay) {
  EXPECT_EQ(problem("p if q\nq if p"),
            "2 errors occurred:\n"
            "p0.rego:2: rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.q -> "
            "data.a.p\n"
            "p0.rego:3: rego_recursion_error: rule data.a.q is recursive: data.a.q -> data.a.p -> "
            "data.a.q");
  EXPECT_TRUE(problem("p if data.a[_][_]").contains("rule data.a.p is recursive"));
  EXPECT_TRUE(problem("p if { x := data.a }").contains("rule data.a.p is recursive"));
  EXPECT_TRUE(problem("f(x) := f(x)").contains("function data.a.f is recursive"));
  EXPECT_EQ(problem("p if data.a.q[x]\nq contains 1"), "");
}

// What the body of a rule refers to.
std::set<const Node*> dependencies_of(const Program& program, std::string_view text) {
  Arena arena;
  CodeStore code;
  PolicyErrors errors;
  const Globals globals;
  NameContext context;
  context.globals = &globals;
  context.builtins = program.builtins;
  context.errors = &errors;
  Names names(std::move(context));
  ast::Body body = parse_query(arena, text).value();
  Names::Scope scope;
  names.resolve(body, {}, scope);
  BodyCompiler compiler(program, code, names);
  compiler.compile(body, {}, {});
  return compiler.dependencies();
}

// A package stands for its rules once: what all of them refer to is no edge for each pair.
TEST(RegoCompiler, CountsWhatManyRulesReferToOnce) {
  constexpr int kRules = 100;
  std::string many;
  std::string all;
  for (int i = 0; i < kRules; ++i) {
    many += fmt::format("q{} := {}\n", i, i);
    all += fmt::format("p{} if data.b[x] == {}\n", i, i);
  }
  RegoRun run({"package b\n" + many, "package a\n" + all});
  EXPECT_EQ(run.value("data.a.p7"), "true");
  Dependencies given;
  for (const auto& [name, rule] : run.program()->root->child(borrow_string("a"))->children) {
    given[rule.get()] = dependencies_of(*run.program(), "data.b[x] == 1");
  }
  ASSERT_EQ(given.size(), 100U);
  std::size_t edges = 0;
  for (const auto& [node, targets] : with_merged(given)) edges += targets.size();
  EXPECT_EQ(edges, 200U);  // from each rule to the package, from it to each of its rules
}

TEST(RegoCompiler, NamesTheWayRoundOfAPackageThatRefersToItself) {
  EXPECT_EQ(problem("p if data.a[x]\nq := 1"),
            "1 error occurred: p0.rego:2: rego_recursion_error: rule data.a.p is recursive: "
            "data.a.p -> data.a.p");
}

TEST(RegoCompiler, StopsAtTenErrors) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "p" + std::to_string(i) + " := x\n";
  EXPECT_TRUE(problem(text).starts_with("11 errors occurred:"));
  EXPECT_TRUE(problem(text).ends_with("rego_compile_error: error limit reached"));
}

TEST(RegoCompiler, IndexesRulesByTheConstantsTheyWant) {
  RegoRun run(
      {"package a\n"
       "p contains 1 if input.x == \"a\"\np contains 2 if input.x == \"b\"\n"
       "p contains 3 if \"a\" = input.x\np contains 4 if true\n"});
  const Node* node = run.program()->root->child(borrow_string("a"))->child(borrow_string("p"));
  ASSERT_TRUE(node->rules->index.has_value());
  EXPECT_EQ(node->rules->index->candidates.size(), 2u);
  EXPECT_EQ(run.with_input(R"({"x": "a"})").value("data.a.p"), "{1, 3, 4}");
  EXPECT_EQ(run.with_input(R"({"x": "b"})").value("data.a.p"), "{2, 4}");
  EXPECT_EQ(run.with_input(R"({"x": [1]})").value("data.a.p"), "{4}");
  EXPECT_EQ(run.with_input("1").value("data.a.p"), "{4}");
}

}  // namespace
}  // namespace writ::rego
