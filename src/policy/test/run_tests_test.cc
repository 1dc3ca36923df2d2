#include "policy/test/run_tests.h"

#include <gtest/gtest.h>

#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

TEST(PolicyTests, TellWhatPassesFailsAndBreaks) {
  testing::RegoRun run({"package a\n"
                        "test_holds if 1 == 1\n"
                        "test_fails if { print(\"here\"); 1 == 2 }\n"
                        "todo_test_later if false\n"
                        "test_conflict := 1\n"
                        "test_conflict := 2\n"
                        "test_parts.one := true\n"
                        "test_parts.two := false\n"
                        "helper := 1\n"},
                       {.keeps_print = true});
  ASSERT_EQ(run.problem(), "");
  TestOptions options;
  options.services = run.options().services;
  const auto tests = run_policy_tests(run.program(), options);
  ASSERT_TRUE(tests.has_value());
  ASSERT_EQ(tests->size(), 5u);
  const auto& t = *tests;
  EXPECT_EQ(t[0].name, "test_holds");
  EXPECT_EQ(t[0].outcome, TestOutcome::pass);
  EXPECT_EQ(t[1].outcome, TestOutcome::fail);
  EXPECT_EQ(t[1].printed, std::vector<std::string>{"here"});
  EXPECT_EQ(t[2].outcome, TestOutcome::skipped);
  EXPECT_EQ(t[3].outcome, TestOutcome::error);
  EXPECT_TRUE(t[3].message.contains("eval_conflict_error"));
  EXPECT_EQ(t[4].outcome, TestOutcome::fail);
  EXPECT_EQ(t[4].failed_parts, std::vector<std::string>{"two"});
}

TEST(PolicyTests, TellOfThoseThatFailWhatDidNotHold) {
  testing::RegoRun run({"package a\n"
                        "small(x) if {\n\ty := x + 1\n\ty < 10\n}\n"
                        "test_holds if small(1)\n"
                        "test_fails if {\n\tsmall(1)\n\tsmall(9)\n}\n"},
                       {.is_observed = true});
  ASSERT_EQ(run.problem(), "");
  TestOptions options;
  options.services = run.options().services;
  options.is_traced = true;
  const auto tests = run_policy_tests(run.program(), options);
  ASSERT_TRUE(tests.has_value());
  EXPECT_EQ(tests->at(0).trace, std::vector<std::string>{});
  std::string trace;
  for (const std::string& line : tests->at(1).trace) trace += line + "\n";
  EXPECT_EQ(trace,
            "query:1       Enter data.a.test_fails\n"
            "query:1       | Eval data.a.test_fails\n"
            "p0.rego:7     | | Enter data.a.test_fails\n"
            "p0.rego:9     | | | Eval small(9)\n"
            "p0.rego:2     | | | | Enter data.a.small\n"
            "p0.rego:4     | | | | | Fail y < 10\n"
            "p0.rego:9     | | | Fail small(9)\n"
            "query:1       | Fail data.a.test_fails\n");
}

TEST(PolicyTests, RunOnlyWhatThePatternNames) {
  testing::RegoRun run({"package a\ntest_one := true\ntest_two := true\n"});
  TestOptions options;
  options.services = run.options().services;
  options.only = "a\\.test_t";
  const auto tests = run_policy_tests(run.program(), options);
  ASSERT_TRUE(tests.has_value());
  ASSERT_EQ(tests->size(), 1u);
  EXPECT_EQ(tests->front().name, "test_two");
  options.only = "(";
  EXPECT_FALSE(run_policy_tests(run.program(), options).has_value());
}

}  // namespace
}  // namespace writ::rego
