#include "policy/eval/evaluator.h"

#include <gtest/gtest.h>

#include <thread>

#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

std::string value(const std::string& rules, std::string_view query = "data.a.p") {
  return RegoRun({"package a\n" + rules}).value(query);
}

TEST(Evaluator, TellsUndefinedFalseAndErrorApart) {
  EXPECT_EQ(value("p := false"), "false");
  EXPECT_EQ(value("p if input.x"), "undefined");
  EXPECT_EQ(value("p := 1 / 0"), "undefined");
  EXPECT_EQ(value("p := null"), "null");
  EXPECT_EQ(value("p if not input.x"), "true");
  EXPECT_EQ(value("p if not null"), "undefined");
  EXPECT_EQ(value("p := 1\np := 2"),
            "p0.rego:3: eval_conflict_error: complete rules must not produce multiple outputs");
}

TEST(Evaluator, EndsTheQueryAtABuiltinsErrorWhenStrict) {
  RegoRun run({"package a\np if {\n  x := 1 / 0\n}"});
  run.options().strict_builtin_errors = true;
  EXPECT_EQ(run.value("data.a.p"), "p0.rego:3: eval_builtin_error: div: divide by zero");
}

TEST(Evaluator, AsksRecordedBuiltinsNothingNew) {
  RegoRun run({"package a\np := [rand.intn(\"x\", 1000000), rand.intn(\"y\", 1), time.now_ns()]"});
  Arena arena;
  run.options().nd_builtin_cache =
      parse_json(arena, R"({"rand.intn":{"[\"x\",1000000]":77},"time.now_ns":{"[]":5}})").value();
  EXPECT_EQ(run.value("data.a.p"), "[77, 0, 5]");
}

TEST(Evaluator, TriesEveryRuleWhereThereIsNoIndex) {
  const std::vector<std::string> rules = {
      "package a\np if input.x == 1\np if input.x == 2\np if input.x == 3"};
  EXPECT_TRUE(RegoRun(rules)
                  .program()
                  ->root->child(borrow_string("a"))
                  ->child(borrow_string("p"))
                  ->rules->index.has_value());
  RegoRun run(rules, {.is_indexed = false});
  EXPECT_FALSE(run.program()
                   ->root->child(borrow_string("a"))
                   ->child(borrow_string("p"))
                   ->rules->index.has_value());
  EXPECT_EQ(run.with_input(R"({"x": 2})").value("data.a.p"), "true");
}

TEST(Evaluator, ShowsFalseOnlyInQueriesOfOneExpression) {
  RegoRun run({});
  EXPECT_EQ(run.value("1 == 2"), "false");
  EXPECT_EQ(run.value("x = 1; x == 2"), "undefined");
  EXPECT_EQ(run.bindings("x = [1, 2][i]"), "i = 0, x = 1 | i = 1, x = 2");
}

TEST(Evaluator, MergesWhatSeveralRulesSay) {
  EXPECT_EQ(value("p contains 1\np contains 1.0\np contains 2"), "{1, 2}");
  EXPECT_EQ(value("p.a := 1\np[x] := y if { some x, y in {\"b\": 2, \"c\": 3} }"),
            R"({"a": 1, "b": 2, "c": 3})");
  EXPECT_EQ(value("p[x].s contains 1 if { some x in [\"a\", \"b\"] }\np.a.s contains 2"),
            R"({"a": {"s": {1, 2}}, "b": {"s": {1}}})");
  EXPECT_TRUE(value("p[x] := 1 if x := \"a\"\np.a := 2").contains("object keys must be unique"));
}

TEST(Evaluator, TakesTheFirstBranchThatHolds) {
  const char* rules = "p := 1 if { input.x == 1 } else := 2 if { input.x == 2 } else := 3";
  RegoRun run({std::string("package a\n") + rules});
  EXPECT_EQ(run.with_input(R"({"x": 1})").value("data.a.p"), "1");
  EXPECT_EQ(run.with_input(R"({"x": 2})").value("data.a.p"), "2");
  EXPECT_EQ(run.with_input("{}").value("data.a.p"), "3");
}

TEST(Evaluator, FallsBackOnDefaults) {
  EXPECT_EQ(value("default p := 7\np := 1 if input.x"), "7");
  EXPECT_EQ(value("default f(x) := 0\nf(x) := 1 if x > 3\np := [f(5), f(1)]"), "[1, 0]");
  EXPECT_EQ(value("default f(x) := 0\nf(x) := 1 if x > 3\np := f(input.missing)"), "undefined");
}

TEST(Evaluator, ClosesOverOuterVariables) {
  EXPECT_EQ(value("p := {x: ys | some x in [1, 2]; ys := [y | some y in [1, 2, 3]; y > x]}"),
            "{1: [2, 3], 2: [3]}");
  EXPECT_EQ(value("p if every x in [1, 2] { x > 0 }"), "true");
  EXPECT_EQ(value("p if every x in [] { x > 0 }"), "true");
  EXPECT_EQ(value("p if every x in 1 { x > 0 }"), "undefined");
}

TEST(Evaluator, ReplacesInputDataAndFunctionsForOneStatement) {
  EXPECT_EQ(value("q := input.x\np := [x, y] if { x := q with input.x as 1; y := q with input as "
                  "{\"x\": 2} }"),
            "[1, 2]");
  EXPECT_EQ(value("q := data.b.c\np := [x, data.b] if { x := q with data.b.c as 1 }"), "undefined");
  EXPECT_EQ(RegoRun({"package a\nq := data.b\np := [x, data.b] if { x := q with data.b.c as 1 }"})
                .with_data(R"({"b": {"d": 2}})")
                .value("data.a.p"),
            R"([{"c": 1, "d": 2}, {"d": 2}])");
  EXPECT_EQ(value("f(x) := count(x) + 1\np := x if { x := count([1, 2]) with count as f }"), "3");
  EXPECT_EQ(value("q := count([1])\np := [x, q] if { x := q with count as 5 }"), "[5, 1]");
}

TEST(Evaluator, PrintsUndefinedInTemplatesAndPrint) {
  EXPECT_EQ(value("p := $\"{input.x}-{[1, \"a\"]}-{\"b\"}\""), R"("<undefined>-[1, \"a\"]-b")");
  RegoRun run({"package a\np if { print(\"x\", input.y, [1, 2][_]) }"}, {.keeps_print = true});
  std::string printed;
  run.options().print = [&](std::string_view line) { printed += std::string(line) + "\n"; };
  EXPECT_EQ(run.value("data.a.p"), "true");
  EXPECT_EQ(printed, "x <undefined> 1\nx <undefined> 2\n");
}

TEST(Evaluator, SeesOneTimeThroughoutAQuery) {
  EXPECT_EQ(value("p if time.now_ns() == time.now_ns()"), "true");
}

TEST(Evaluator, GivesSyntaxAsADocument) {
  EXPECT_EQ(
      value("p := rego.parse_module(\"x.rego\", \"package b.c\\nq if not input.x\")[\"package\"]"),
      R"({"path": [{"type": "var", "value": "data"}, {"type": "string", "value": "b"}, {"type": "string", "value": "c"}]})");
  EXPECT_EQ(value("p := rego.parse_module(\"x\", \"package b\\nq if not "
                  "input.x\").rules[0].body[0].negated"),
            "true");
}

TEST(Evaluator, StopsWhatDoesNotEnd) {
  const std::string loop =
      "package a\np := count([1 | some a in numbers; some b in numbers; some c in numbers; some d "
      "in "
      "numbers; a + b + c + d < 0])\nnumbers := [x | some x in input]";
  std::string input = "[0";
  for (int i = 1; i < 1000; ++i) input += "," + std::to_string(i);
  RegoRun run({loop});
  run.with_input(input + "]");
  run.options().limits.steps = 100'000;
  EXPECT_TRUE(run.value("data.a.p").contains("eval_cancel_error: query took too many steps"));
}

TEST(Evaluator, StopsWhatTakesTooMuchMemory) {
  RegoRun run({"package a\np := [[a, b, c] | some a in input; some b in input; some c in input]"});
  std::string input = "[0";
  for (int i = 1; i < 300; ++i) input += "," + std::to_string(i);
  run.with_input(input + "]");
  run.options().limits.memory_bytes = 10'000'000;
  EXPECT_TRUE(run.value("data.a.p").contains("query used too much memory"));
}

TEST(Evaluator, StopsWhenItIsTold) {
  RegoRun run({"package a\np if true"});
  std::stop_source source;
  source.request_stop();
  run.options().stop = source.get_token();
  EXPECT_TRUE(run.value("data.a.p").contains("caller cancelled query execution"));
}

TEST(Evaluator, BearsChainsOfRulesThatAreTooDeep) {
  std::string rules = "package a\np0 := 1\n";
  for (int i = 1; i < 20'000; ++i) {
    rules += "p" + std::to_string(i) + " := [p" + std::to_string(i - 1) + "]\n";
  }
  RegoRun run({rules});
  EXPECT_TRUE(run.value("data.a.p19999").contains("nested too deeply"));
  EXPECT_TRUE(run.value("data.a.p5000; data.a.p9000").contains("nested too deeply"));
}

TEST(Evaluator, SharesProgramsAmongThreads) {
  RegoRun run({"package a\np contains x if { some x in input; x % 3 == 0 }"});
  const auto query = compile_query(run.program(), "data.a.p = x");
  ASSERT_TRUE(query.has_value());
  std::vector<std::string> answers(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& answer : answers) {
      threads.emplace_back([&] {
        Evaluator evaluator;
        Arena arena;
        EvalInput input = run.options();
        input.input = *parse_json(arena, "[1, 2, 3, 6]");
        for (int i = 0; i < 200; ++i) {
          answer = to_rego(evaluator.evaluate(**query, input).rows.at(0).bindings.at(0));
        }
      });
    }
  }
  for (const std::string& answer : answers) EXPECT_EQ(answer, "{3, 6}");
}

}  // namespace
}  // namespace writ::rego
