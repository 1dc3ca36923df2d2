#include "evidence/test_report.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "evidence/testing/reports.h"

namespace writ::evidence {
namespace {

using Lines = std::vector<std::string>;

TEST(GtestJson, CountsElementsAndNotTotals) {
  EXPECT_EQ(cases_of(R"({"tests": 50, "failures": 0, "testsuites": [{"name": "Book", "testsuite": [
    {"name": "Sorts", "status": "RUN", "result": "COMPLETED"},
    {"name": "Fails", "status": "RUN", "result": "COMPLETED",
     "failures": [{"failure": "a.cc:3\n1 != 2", "type": ""}, {"failure": "more"}]},
    {"name": "Skips", "status": "RUN", "result": "SKIPPED"},
    {"name": "DISABLED_Off", "status": "NOTRUN", "result": "SUPPRESSED"}]}]})"),
            (Lines{"Book.Sorts passed", "Book.Fails failed: a.cc:3|1 != 2|more",
                   "Book.Skips skipped", "Book.DISABLED_Off skipped"}));
}

TEST(GtestJson, RefusesOtherJson) {
  EXPECT_EQ(error_of("{\"a\": 1}"), "1:1: no list `testsuites`");
  EXPECT_EQ(error_of("{\"testsuites\": []}"), "1:1: the report holds no test case");
  EXPECT_EQ(error_of("{\"testsuites\": [{\"name\": \"a\", \"testsuite\": [{}]}]}"),
            "1:45: no string `name`");
}

TEST(TestReport, IsRecognisedByContent) {
  const std::pair<std::string_view, std::string_view> kReports[] = {
      {"\xEF\xBB\xBF<testsuite name='s'><testcase name='a'/></testsuite>", "junit"},
      {"  \n<testsuites><testsuite name='s'><testcase name='a'/></testsuite></testsuites>",
       "junit"},
      {"<testsuite name='s'><testcase name='a' classname='a' status='run'/></testsuite>",
       "ctest_junit"},
      {"1..1\nok 1\n", "tap"},
  };
  for (const auto& [text, format] : kReports) {
    const auto report = parse_test_report(text, "r");
    ASSERT_TRUE(report) << text;
    EXPECT_EQ(report->format, format);
  }
}

TEST(TestsEvidence, CountsIntoFacts) {
  const auto report = parse_test_report(
      "1..5\nok 1 - a\nnot ok 2 - b\n# 1 != 2\nok 3 - c # SKIP x\nok 4 - a\nok 5 - d\n", "r.tap");
  ASSERT_TRUE(report);
  const store::BlobRef blob{crypto::sha256("r"), 1};
  const Draft draft = tests_evidence("r.tap", *report, blob);
  EXPECT_EQ(draft.kind, Kind::tests);
  EXPECT_EQ(draft.name, "r.tap");
  EXPECT_EQ(
      draft.facts,
      (std::map<std::string, Value>{
          {"tests.passed", 3}, {"tests.failed", 1}, {"tests.skipped", 1}, {"tests.total", 5}}));
  EXPECT_EQ(draft.blobs, std::vector<store::BlobRef>{blob});
  const Value& failure = draft.data.find("failures")->as_array().at(0);
  EXPECT_EQ(failure.string_or("name", ""), "b");
  EXPECT_EQ(failure.string_or("message", ""), "1 != 2");
  EXPECT_EQ(draft.data.find("duplicates")->as_array().at(0), Value("a"));
  EXPECT_EQ(draft.data.string_or("report", ""), "sha256:" + blob.digest.hex());
}

TEST(TestsEvidence, CountsErrorsAsFailures) {
  TestReport report{
      "junit", {{"s", "a", TestStatus::errored, ""}, {"s", "b", TestStatus::failed, ""}}, {}};
  EXPECT_EQ(tests_evidence("r", report, {}).facts.at("tests.failed"), Value(2));
}

TEST(TestsEvidence, StaysWithinARecordHoweverMuchFailed) {
  TestReport report{"junit", {}, {}};
  for (int i = 0; i < 5000; ++i) {
    const std::string name = std::string(300, 'n') + std::to_string(i);
    report.cases.push_back({"s", name, TestStatus::failed, std::string(2000, 'm')});
    report.duplicates.push_back("s." + name);
  }
  const Draft draft = tests_evidence("r", report, {});
  EXPECT_LE(to_json(draft.data).size(), kMaxDataBytes);
  const std::size_t listed = draft.data.find("failures")->as_array().size();
  EXPECT_GT(listed, 5u);
  EXPECT_EQ(draft.data.integer_or("failures_not_listed", 0),
            static_cast<std::int64_t>(5000 - listed));
}

}  // namespace
}  // namespace writ::evidence
