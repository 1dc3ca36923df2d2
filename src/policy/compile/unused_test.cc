#include "policy/compile/unused.h"

#include <gtest/gtest.h>

#include "policy/compile/check_options.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

// The errors of one module, without "1 error occurred: ".
std::string problem(const std::string& rules, const CheckOptions& checks = {}, bool is_v0 = false) {
  auto module = parse_module("p.rego", "package a\n" + rules, {.is_v0 = is_v0});
  if (!module) return to_text(module.error());
  std::vector<ast::Module> modules;
  modules.push_back(*std::move(module));
  const auto program = compile(std::move(modules), {}, checks);
  return program ? "" : to_text(program.error());
}

std::string strictly(const std::string& rules) { return problem(rules, {.is_strict = true}); }

std::string one(int line, const std::string& message) {
  return "1 error occurred: p.rego:" + std::to_string(line) + ": rego_compile_error: " + message;
}

TEST(Unused, VariablesThatSomeDeclaresAreAnError) {
  EXPECT_EQ(problem("p if { some x; true }"), one(2, "declared var x unused"));
  EXPECT_EQ(problem("p := [1 | some i, j; input.a[i]]"), one(2, "declared var j unused"));
  EXPECT_EQ(problem("p if { some x; input.a[x] }"), "");
  EXPECT_EQ(problem("p contains x if { some x; input.a[x] }"), "");
  EXPECT_EQ(problem("p if { some x in input.xs }"), "");
  EXPECT_EQ(problem("p if { some x; x = 1; count([y | y := input.a[x]]) > 0 }"), "");
}

TEST(Unused, VariablesOfEveryAreAnError) {
  EXPECT_EQ(problem("p if {\n\tevery k, v in input.a {\n\t\tk > 1\n\t}\n}"),
            one(4, "declared var v unused"));
  EXPECT_EQ(problem("p if { every x in input.a { true } }"), one(2, "declared var x unused"));
  EXPECT_EQ(problem("p if { every _, v in input.a { v > 1 } }"), "");
  EXPECT_EQ(problem("p if { every x in input.a { count([1 | x]) > 0 } }"), "");
}

TEST(Unused, AssignedVariablesAreAStrictError) {
  EXPECT_EQ(problem("p if { x := 1 }"), "");
  EXPECT_EQ(strictly("p if {\n\ttrue\n\tx := 1\n}"), one(4, "assigned var x unused"));
  EXPECT_EQ(strictly("p if { [x, _] := [1, 2] }"), one(2, "assigned var x unused"));
  EXPECT_EQ(strictly("p := [1 | y := 2]"), one(2, "assigned var y unused"));
  EXPECT_EQ(strictly("p := x if { x := 1 }"), "");
  EXPECT_EQ(strictly("p[x] := 1 if { x := \"k\" }"), "");
  EXPECT_EQ(strictly("p := $\"{x}\" if { x := 1 }"), "");
  EXPECT_EQ(strictly("p if { x := 1; input.y with input as x }"), "");
}

TEST(Unused, ArgumentsAreAStrictError) {
  const std::string hint = ". (hint: use _ (wildcard variable) instead)";
  EXPECT_EQ(problem("f(x) := 1"), "");
  EXPECT_EQ(strictly("f(x) := 1"), one(2, "unused argument x" + hint));
  EXPECT_EQ(strictly("f([x, {\"k\": y}]) := 1 if y"), one(2, "unused argument x" + hint));
  EXPECT_EQ(strictly("f(x, y) := y if false else := x"), "");
  EXPECT_EQ(strictly("f(_) := 1"), "");
}

TEST(Unused, ImportsAreAStrictError) {
  EXPECT_EQ(problem("import data.b"), "");
  EXPECT_EQ(strictly("import data.b\nimport data.c as d\np := d"), one(2, "import data.b unused"));
  EXPECT_EQ(strictly("import data.c as d"), one(2, "import data.c as d unused"));
  EXPECT_EQ(strictly("import rego.v1\nimport input.x\np if x.y"), "");
}

TEST(Unused, ImportsOfOneNameAreAnErrorButInTheOlderDialect) {
  EXPECT_EQ(problem("import data.b\nimport data.b\np := b"),
            one(3, "import must not shadow import data.b"));
  EXPECT_EQ(problem("import data.b as c\nimport data.d as c\np := c"),
            one(3, "import must not shadow import data.b as c"));
  EXPECT_EQ(problem("import data.b\nimport data.b\np { b }", {}, true), "");
}

TEST(Unused, DeprecatedBuiltinsAreAnErrorButInTheOlderDialect) {
  EXPECT_EQ(problem("p := any([true])"),
            "1 error occurred: p.rego:2: rego_type_error: deprecated built-in function calls in "
            "expression: any");
  EXPECT_EQ(problem("p { any([true]) }", {}, true), "");
}

TEST(Unused, NamesOfDocumentsAreNoVariables) {
  EXPECT_EQ(problem("f(input) := 1"),
            one(2, "args must not shadow input (use a different argument name)"));
  EXPECT_EQ(problem("p if { some data; true }"),
            one(2, "variables must not shadow data (use a different variable name)"));
}

TEST(Unused, AsManyErrorsAreReportedAsAskedFor) {
  EXPECT_EQ(problem("p := x\nq := x\nr := x", {.most_errors = 1}),
            "2 errors occurred:\np.rego:2: rego_unsafe_var_error: var x is unsafe\n"
            "rego_compile_error: error limit reached");
  std::string many;
  for (int i = 0; i < 20; ++i) many += "p" + std::to_string(i) + " := x\n";
  EXPECT_TRUE(problem(many, {.most_errors = 0}).starts_with("20 errors occurred:"));
}

}  // namespace
}  // namespace writ::rego
