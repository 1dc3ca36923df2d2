#include "policy/expression.h"

#include <gtest/gtest.h>

namespace writ::policy {
namespace {

Expression parsed(std::string_view text) {
  std::vector<ExpressionProblem> problems;
  auto expression = parse_expression(text, problems);
  EXPECT_TRUE(expression) << text << ": " << (problems.empty() ? "" : problems[0].message);
  return expression ? *std::move(expression) : Expression{};
}

TEST(ExpressionText, IsTheSameAgainWithoutNeedlessParentheses) {
  struct Case {
    std::string_view text, again;
  };
  constexpr Case kCases[] = {
      {"tests.failed == 0", "tests.failed == 0"},
      {"((tests.failed==0))and(tests.passed>=12)", "tests.failed == 0 and tests.passed >= 12"},
      {"0 == tests.failed", "tests.failed == 0"},
      {"3 < tests.failed", "tests.failed > 3"},
      {"(0) == (((tests.failed)))", "tests.failed == 0"},
      {"exit.ok", "exit.ok"},
      {"not exit.ok", "not exit.ok"},
      {"not (exit.ok or file.present)", "not (exit.ok or file.present)"},
      {"(exit.ok and file.present) and tests.failed == 0",
       "exit.ok and file.present and tests.failed == 0"},
      {"exit.ok and (file.present or tests.failed == 0)",
       "exit.ok and (file.present or tests.failed == 0)"},
      {"exit.ok or file.present and tests.failed == 0",
       "exit.ok or file.present and tests.failed == 0"},
      {"exit.code in [0,3 ]", "exit.code in [0, 3]"},
      {"not exit.code in [0]", "exit.code not in [0]"},
      {"exit.code not in [0]", "exit.code not in [0]"},
      {"benchmark.p99 < 90s", "benchmark.p99 < 90s"},
      {"benchmark.p99 <= 2.50", "benchmark.p99 <= 2.5"},
      {"benchmark.p99 <= 2.0", "benchmark.p99 <= 2"},
      {"benchmark.\"BM_Apply/64\" > -1", "benchmark.\"BM_Apply/64\" > -1"},
      {"benchmark.\"a.b.\" > 1", "benchmark.\"a.b.\" > 1"},
      {"benchmark.\"a.b\" > 1", "benchmark.a.b > 1"},
      {"tests.failed == tests.skipped", "tests.failed == tests.skipped"},
      {"not not exit.ok", "not not exit.ok"},
      {"exit.ok == true", "exit.ok == true"},
  };
  for (const Case& c : kCases) {
    const Expression once = parsed(c.text);
    EXPECT_EQ(expression_text(once), c.again);
    EXPECT_EQ(expression_value(parsed(c.again)), expression_value(once));
  }
}

TEST(ExpressionValue, ReadsBackEqual) {
  for (const std::string_view text :
       {"tests.failed == 0 and not (exit.code in [0, 3] or benchmark.p99 < 250ms)", "exit.ok",
        "benchmark.p99 >= 0.1", "exit.ok != file.present"}) {
    const Value value = expression_value(parsed(text));
    const auto again = expression_from_value(value);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(expression_value(*again), value);
    EXPECT_EQ(expression_text(*again), expression_text(parsed(text)));
  }
}

TEST(ExpressionParse, RefusesWithTheOffsetOfWhatIsWrong) {
  struct Case {
    std::string_view text;
    std::size_t offset;
    std::string_view message;
  };
  constexpr Case kCases[] = {
      {"", 0, "the gate ends where a condition should stand"},
      {"tests.failed ==", 15, "a fact or a constant should stand here"},
      {"tests.failed = 0", 13, "`=` is not part of a gate"},
      {"exit.ok && file.present", 8, "`&&` is not part of a gate"},
      {"tests.fialed == 0", 0, "there is no fact `tests.fialed` (did you mean `tests.failed`?)"},
      {"exit.ok and tests.passed", 12, "`tests.passed` is a number and no condition"},
      {"exit.code == \"0\"", 13, "`exit.code` is a number, but `\"0\"` is a string"},
      {"exit.ok > false", 0, "only numbers have an order; `exit.ok` is a boolean"},
      {"1 == 1", 0, "this compares two constants"},
      {"exit.code == (exit.ok or file.present)", 13, "only facts and constants can be compared"},
      {"0 < tests.failed < 3", 17, "only facts and constants can be compared"},
      {"(exit.ok", 0, "this parenthesis is never closed"},
      {"exit.ok)", 7, "the gate should end here"},
      {"exit.code in 3", 13, "a list should follow `in`"},
      {"exit.code in [tests.failed]", 14, "a list holds constants only"},
      {"exit.code in [0, true]", 17, "`exit.code` is a number, but `true` is a boolean"},
      {"exit.code in [0", 15, "this list is never closed"},
      {"exit.ok and true", 12, "`true` decides nothing here"},
      {"benchmark.p99 < 5parsecs", 16, "`5parsecs` is neither number nor duration"},
      {"tests.failed == 99999999999999999999", 16, "the number 99999999999999999999 is too large"},
      {"tests.failed == \"abc", 16, "this string has no end"},
      {"tests. == 0", 6, "a fact's name ends in a point"},
      {"tests.failed @ 0", 13, "unexpected character in a gate"},
  };
  for (const Case& c : kCases) {
    std::vector<ExpressionProblem> problems;
    EXPECT_FALSE(parse_expression(c.text, problems)) << c.text;
    ASSERT_EQ(problems.size(), 1u) << c.text;
    EXPECT_EQ(problems[0].offset, c.offset) << c.text;
    EXPECT_EQ(problems[0].message, c.message) << c.text;
  }
}

TEST(ExpressionParse, ReportsEveryUnknownFactAtOnce) {
  std::vector<ExpressionProblem> problems;
  EXPECT_FALSE(parse_expression("tests.a == 0 and tests.b == 0 or exit.code == true", problems));
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[1].offset, 17u);
  EXPECT_EQ(problems[2].offset, 46u);
}

TEST(ExpressionParse, IsBoundedInDepthAndLength) {
  const auto problem_of = [](const std::string& text) {
    std::vector<ExpressionProblem> problems;
    EXPECT_FALSE(parse_expression(text, problems));
    return problems.empty() ? std::string() : problems[0].message;
  };
  EXPECT_EQ(problem_of(std::string(5'000, '(')), "the gate is nested too deeply");
  std::string nots;
  for (int i = 0; i < 100; ++i) nots += "not ";
  EXPECT_EQ(problem_of(nots + "exit.ok"), "the gate is nested too deeply");
  EXPECT_EQ(problem_of(std::string(20'000, ' ')), "the gate is longer than 16 KiB");
  std::string chain = "exit.ok";
  for (int i = 0; i < 1'500; ++i) chain += " or exit.ok";
  EXPECT_EQ(problem_of(chain), "the gate is longer than 16 KiB");
  chain.resize(7 + 1'300 * 11);
  EXPECT_EQ(parsed(chain).args.size(), 1'301u);
}

TEST(CompareNumbers, IsExactBetweenIntegersAndReals) {
  const std::int64_t large = 9'007'199'254'740'993;  // has no double
  EXPECT_EQ(compare_numbers(large, 9'007'199'254'740'992.0), 1);
  EXPECT_EQ(compare_numbers(9'007'199'254'740'992.0, large), -1);
  EXPECT_EQ(compare_numbers(3, 3.0), 0);
  EXPECT_EQ(compare_numbers(3, 3.5), -1);
  EXPECT_EQ(compare_numbers(-3, -3.5), 1);
  EXPECT_EQ(compare_numbers(1, 1e300), -1);
  EXPECT_EQ(compare_numbers(-1e300, 1), -1);
}

}  // namespace
}  // namespace writ::policy
