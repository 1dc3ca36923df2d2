#include <gtest/gtest.h>

#include "evidence/testing/reports.h"

namespace writ::evidence {
namespace {

using Lines = std::vector<std::string>;

std::string event(std::string_view action, std::string_view test, std::string_view output = "") {
  std::string line =
      R"({"Time":"2026-01-01T00:00:00Z","Action":")" + std::string(action) + R"(","Package":"x")";
  if (!test.empty()) line += R"(,"Test":")" + std::string(test) + "\"";
  if (!output.empty()) line += R"(,"Output":")" + std::string(output) + R"(\n")";
  return line + "}\n";
}

TEST(GoTest, CountsTestsByHowTheyEnded) {
  EXPECT_EQ(cases_of(event("start", "") + event("run", "TestA") + event("run", "TestA/sub") +
                     event("output", "TestA/sub", "    a_test.go:3: boom") +
                     event("output", "TestA/sub", "    --- FAIL: TestA/sub (0.00s)") +
                     event("fail", "TestA/sub") + event("fail", "TestA") + event("run", "TestB") +
                     event("output", "TestB", "noise") + event("pass", "TestB") +
                     event("run", "TestC") + event("output", "TestC", "    a_test.go:9: why") +
                     event("skip", "TestC") + event("fail", "")),
            (Lines{"x.TestA failed", "x.TestA/sub failed: a_test.go:3: boom", "x.TestB passed",
                   "x.TestC skipped: a_test.go:9: why"}));
}

TEST(GoTest, CountsWhatNeverEndedAndPackagesThatFailAlone) {
  EXPECT_EQ(cases_of(event("run", "TestA") + event("fail", "")),
            (Lines{"x.TestA errored: began and never ended",
                   "x.(package) errored: failed without a failing test"}));
}

TEST(GoTest, RefusesWhatHoldsNoTestOrIsNotWhole) {
  EXPECT_EQ(error_of(event("output", "", "no test files") + event("skip", "")),
            "1:1: the report holds no test case");
  EXPECT_EQ(error_of(event("run", "TestA") + event("pass", "TestA")),
            "2:1: the report ends before package x does");
  EXPECT_EQ(error_of(event("run", "TestA") + "FAIL x [build failed]\n"),
            "2:1: this line is no event of `go test -json`");
}

}  // namespace
}  // namespace writ::evidence
