#include "policy/types/check_types.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/compile/check_options.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

struct Row {
  const char* rules;
  const char* wanted;  // without "1 error occurred: p0.rego:"
};

void expect_errors(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(RegoRun({std::string("package a\n") + row.rules}).problem(),
              std::string("1 error occurred: p0.rego:") + row.wanted)
        << row.rules;
  }
}

TEST(TypeCheck, RefusesEquationsThatCannotHold) {
  expect_errors({
      {"p if 1 == \"a\"", "2: rego_type_error: match error\n\tleft  : number\n\tright : string"},
      {"p if { x := \"a\"; not x == 1 }",
       "2: rego_type_error: match error\n\tleft  : string\n\tright : number"},
      {"p if {\n\tx := [1, \"a\"]\n\t[1, 2] = x\n}",
       "4: rego_type_error: match error\n\tleft  : array<number, number>\n\t"
       "right : array<number, string>"},
      {"p if [1, \"a\", input.x] = [input.y, 3, 4]",
       "2: rego_type_error: match error\n\tleft  : array<number, string, any>\n\t"
       "right : array<any, number, number>"},
      {"q contains 1\np if { some x in q; x = \"a\" }",
       "3: rego_type_error: match error\n\tleft  : number\n\tright : string"},
      {"p if 1 = count([2])[0]",
       "2: rego_type_error: undefined ref: __local0__[0]\n\t__local0__[0]\n\t^^^^^^^^^^\n\t"
       "have: number"},
  });
}

TEST(TypeCheck, RefusesArgumentsThatCannotBe) {
  expect_errors({
      {"p := count(1)",
       "2: rego_type_error: count: invalid argument(s)\n\thave: (number, ?\?\?)\n\t"
       "want: (collection: any<string, array[any], object[any: any], set[any]>, n: number)"},
      {"p if startswith(input.x, 1)",
       "2: rego_type_error: startswith: invalid argument(s)\n\thave: (any, number)\n\t"
       "want: (search: string, base: string, result: boolean)"},
      {"p := [y | y := \"a\" + 1]",
       "2: rego_type_error: plus: invalid argument(s)\n\thave: (string, number, ?\?\?)\n\t"
       "want: (x: number, y: number, z: number)"},
      {"p := {\"x\"} & [1]",
       "2: rego_type_error: and: invalid argument(s)\n\thave: (set[string], array<number>, "
       "?\?\?)\n\t"
       "want: (x: set[any], y: set[any], z: set[any])"},
      {"f(x) := x + 1\np := f(\"a\")",
       "3: rego_type_error: data.a.f: invalid argument(s)\n\thave: (string, ?\?\?)\n\t"
       "want: (number, number)"},
      {"f([x, \"a\"]) := x\np := f([1, 2])",
       "3: rego_type_error: data.a.f: invalid argument(s)\n\thave: (array<number, number>, "
       "?\?\?)\n\t"
       "want: (array<any, string>, any)"},
      {"f(x) := x\np := f(1, 2, 3)",
       "3: rego_type_error: function data.a.f has arity 1, got 3 arguments"},
  });
}

TEST(TypeCheck, RefusesReferencesToWhatIsNotThere) {
  expect_errors({
      {"p if { x := {\"a\": 1}; x.b }",
       "2: rego_type_error: undefined ref: x.b\n\tx.b\n\t  ^\n\t  have: \"b\"\n\t"
       "  want (one of): [\"a\"]"},
      {"q := {\"a\": 1, \"c\": 2}\np := q.b",
       "3: rego_type_error: undefined ref: data.a.q.b\n\tdata.a.q.b\n\t         ^\n\t"
       "         have: \"b\"\n\t         want (one of): [\"a\" \"c\"]"},
      {"q := 1\np := q.b",
       "3: rego_type_error: undefined ref: data.a.q.b\n\tdata.a.q.b\n\t^^^^^^^^\n\thave: number"},
      {"q[x] := 1 if { x := \"a\" }\np if q[1]",
       "3: rego_type_error: undefined ref: data.a.q[1]\n\tdata.a.q[1]\n\t         ^\n\t"
       "         have: 1\n\t         want (type): string"},
      {"q[x] := 1 if { x := \"a\" }\np if { y := 1; q[y] }",
       "3: rego_type_error: undefined ref: data.a.q[y]\n\tdata.a.q[y]\n\t         ^\n\t"
       "         have (type): number\n\t         want (type): string"},
      {"f(x) := x + 1\np := f",
       "3: rego_type_error: undefined ref: data.a.f\n\tdata.a.f\n\t^^^^^^^^\n\t"
       "have: (number) => number"},
  });
}

TEST(TypeCheck, BlamesOneRuleForOneMistake) {
  EXPECT_EQ(
      RegoRun({"package a\nq := {\"a\": 1}.b\np := q.c\nr := p + 1"}).problem(),
      "1 error occurred: p0.rego:2: rego_type_error: undefined ref: {\"a\": 1}.b\n\t"
      "{\"a\": 1}.b\n\t         ^\n\t         have: \"b\"\n\t         want (one of): [\"a\"]");
}

TEST(TypeCheck, ReportsAllErrorsInTheOrderOfLines) {
  EXPECT_EQ(
      RegoRun({"package a\np := r + 1\nq if 1 == \"a\"\nr := \"x\""}).problem(),
      "2 errors occurred:\n"
      "p0.rego:2: rego_type_error: plus: invalid argument(s)\n\thave: (string, number, ?\?\?)\n"
      "\twant: (x: number, y: number, z: number)\n"
      "p0.rego:3: rego_type_error: match error\n\tleft  : number\n\tright : string");
}

TEST(TypeCheck, KnowsTheRulesOfOtherModules) {
  EXPECT_EQ(RegoRun({"package a\np if data.b.limit == \"x\"", "package b\nlimit := 3"}).problem(),
            "1 error occurred: p0.rego:2: rego_type_error: match error\n\tleft  : number\n\t"
            "right : string");
}

TEST(TypeCheck, LooksAtQueriesToo) {
  RegoRun run({"package a\nlimit := 3"});
  EXPECT_EQ(run.value("1 == \"a\""),
            "1 error occurred: 1:1: rego_type_error: match error\n\tleft  : number\n\t"
            "right : string");
  EXPECT_EQ(run.value("x := 2; data.a.limit.y"),
            "1 error occurred: 1:9: rego_type_error: undefined ref: data.a.limit.y\n\t"
            "data.a.limit.y\n\t^^^^^^^^^^^^\n\thave: number");
  EXPECT_EQ(run.value("count(data.a.limit)"),
            "1 error occurred: 1:1: rego_type_error: count: invalid argument(s)\n\thave: (number)\n"
            "\twant: (collection: any<string, array[any], object[any: any], set[any]>, n: number)");
  EXPECT_EQ(run.value("data.a.limit + 1"), "4");
}

// Of the body of every OPA looks at references alone.
TEST(TypeCheck, LooksAtReferencesWithinEvery) {
  const auto problem = [](const std::string& statement) {
    return RegoRun({"package a\nq := {\"a\": 1}\np if every x in [1] { " + statement + " }"})
        .problem();
  };
  EXPECT_EQ(problem("x > q.b"),
            "1 error occurred: p0.rego:3: rego_type_error: undefined ref: data.a.q.b\n\t"
            "data.a.q.b\n\t         ^\n\t         have: \"b\"\n\t         want (one of): [\"a\"]");
  EXPECT_EQ(problem("startswith(x, 1)"), "");
}

// A policy of a megabyte, and constants that say more than a type keeps.
TEST(TypeCheck, TakesLargePoliciesAndConstants) {
  std::string large = "package a\nbig := [";
  for (int i = 0; i < 20'000; ++i) {
    large += R"({"name": "n", "id": )" + std::to_string(i) + R"(, "t": ["x", )" +
             std::to_string(i) + "]}, ";
  }
  large += "0]\n";
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    large += "r" + n + " if { some x in big; x.id == " + n + "; x in big }\n";
  }
  RegoRun run({large});
  EXPECT_EQ(run.problem(), "");
  EXPECT_EQ(run.value("data.a.big[19999].id"), "19999");
  EXPECT_EQ(RegoRun({large + "q if startswith(1, \"\")"}).problem(),
            "1 error occurred: p0.rego:203: rego_type_error: startswith: invalid argument(s)\n\t"
            "have: (number, string)\n\twant: (search: string, base: string, result: boolean)");
}

// Rules below one document, in whatever order they are written.
TEST(TypeCheck, TakesRulesInAnyOrder) {
  std::vector<std::string> rules = {
      "r1 := v if v := data.a.p[_].w",
      "p[1].q := 1",
      "p.s.w := 2",
      "r2 := v if { x := 1; v := data.a.p[x].q }",
  };
  std::ranges::sort(rules);
  do {
    std::string policy = "package a\n";
    for (const std::string& rule : rules) policy += rule + "\n";
    RegoRun run({policy});
    EXPECT_EQ(run.problem(), "") << policy;
    EXPECT_EQ(run.value("[data.a.r1, data.a.r2]"), "[2, 1]") << policy;
  } while (std::ranges::next_permutation(rules).found);
}

// Each rule's value holds the one before it twice.
TEST(TypeCheck, EndsWithTypesThatShareTheirParts) {
  std::string policy = "package a\nr0 := input.x\n";
  for (int i = 1; i <= 60; ++i) {
    const std::string before = "r" + std::to_string(i - 1);
    policy += "r" + std::to_string(i) + " := {\"a\": [" + before + "], \"b\": {" + before + "}}\n";
  }
  EXPECT_EQ(RegoRun({policy + "p := r60.a[0].b[_].a"}).problem(), "");
  const std::string problem = RegoRun({policy + "p := r60.c"}).problem();
  EXPECT_TRUE(problem.ends_with("want (one of): [\"a\" \"b\"]")) << problem;
}

// However much is wrong with however large a value.
TEST(TypeCheck, ComplainsWithinBounds) {
  std::string policy = "package a\nq := {";
  for (int i = 0; i < 1000; ++i) {
    policy += "\"" + std::string(100, 'k') + std::to_string(i) + "\": 1, ";
  }
  policy += "}\n";
  for (int i = 0; i < 600; ++i) policy += "p" + std::to_string(i) + " := q.x + count(1)\n";
  std::vector<ast::Module> modules;
  modules.push_back(parse_module("p.rego", policy).value());
  const auto program = compile(std::move(modules), {}, {.most_errors = 0});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().size(), 1001U);
  EXPECT_EQ(program.error().back().text(),
            "p.rego:502: rego_type_error: types are not checked beyond so many errors");
  EXPECT_TRUE(program.error().front().text().starts_with(
      "p.rego:3: rego_type_error: undefined ref: data.a.q.x"));
  for (const PolicyError& error : program.error()) EXPECT_LE(error.text().size(), 10'000U);
}

// Each of them means something, and OPA takes it.
TEST(TypeCheck, AcceptsWhatMayHold) {
  for (const char* rules : {
           "p if input.x == \"a\"\nq if input.x == 1",
           "p if data.b.c == 1\nq if data.b.c.d == \"a\"",
           "p := 1 if input.x\np := \"a\" if input.y\nq if p == 1\nr if p == \"a\"",
           "p if { some x in [1, \"a\"]; x == \"a\" }",
           "p if { every x in [1] { startswith(x, \"a\") } }",
           "p if { 1 < \"a\" }",
           "p := x if { x := 1 == \"a\" }",
           "f(x) := [y | y := x]\np := f(1)\nq := f(\"a\")",
           "f(1) := 2\nf(\"a\") := 3\np := f(input.x)\nq := f(\"a\")",
           "p[x].b := 1 if { some x in [\"c\"] }\nq := p.c.b\np.d.b := \"x\"",
           "p contains x if { some x in input.xs }\nq if p.a",
           "p if { [x, y] := [1, \"a\"]; x == 1; y == \"a\" }",
           "p if { x = {\"a\": y}; y = 1; x.a == 1 }",
           "p := {k: v | some k, v in {\"a\": 1}}\nq := p.zz",
           "p if walk(input, [[\"a\"], x])",
           "p := json.unmarshal(\"{}\").a.b",
           "p := $\"{input.x} and {1}\"",
           "p if input with input as 1 with data.b as {}",
           "f(x) := 1\np if f(2) with f as 3",
       }) {
    EXPECT_EQ(RegoRun({std::string("package a\n") + rules}).problem(), "") << rules;
  }
}

}  // namespace
}  // namespace writ::rego
