#include "scan/sarif.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::scan {
namespace {

ScanReport report_of(std::string_view path, std::string_view text) {
  ScanReport report;
  const auto findings = scan_text(path, text, {});
  EXPECT_TRUE(findings);
  report.findings = *findings;
  report.files = 1;
  return report;
}

const Value& first_run(const Value& sarif) { return sarif.find("runs")->as_array().at(0); }

TEST(Sarif, PlacesEachResultInItsFile) {
  const Value sarif = to_sarif(report_of("src/a b#1.cc", "int a;  // \xC3\xA4 TODO x\n"), "1.2.3");
  EXPECT_EQ(sarif.string_or("version", ""), "2.1.0");
  const Value& run = first_run(sarif);
  EXPECT_EQ(run.at_path({"tool", "driver"})->string_or("version", ""), "1.2.3");
  const Value& result = run.find("results")->as_array().at(0);
  EXPECT_EQ(result.string_or("ruleId", ""), "todo-comment");
  const Value& rule = run.at_path({"tool", "driver", "rules"})
                          ->as_array()
                          .at(static_cast<std::size_t>(result.integer_or("ruleIndex", -1)));
  EXPECT_EQ(rule.string_or("id", ""), "todo-comment");
  const Value& where = *result.find("locations")->as_array().at(0).find("physicalLocation");
  EXPECT_EQ(where.find("artifactLocation")->string_or("uri", ""), "src/a%20b%231.cc");
  const Value& region = *where.find("region");
  EXPECT_EQ(region.integer_or("startLine", 0), 1);
  EXPECT_EQ(region.integer_or("startColumn", 0), 14);
  EXPECT_EQ(region.integer_or("endColumn", 0), 18);
}

TEST(Sarif, FingerprintsIgnoreLineNumbersAndTellOccurrencesApart) {
  const auto prints = [](std::string_view text) {
    std::vector<std::string> out;
    const Value sarif = to_sarif(report_of("a.cc", text), "1");
    for (const Value& result : first_run(sarif).find("results")->as_array()) {
      out.push_back(std::string(result.find("partialFingerprints")->string_or("writ/v1", "")));
    }
    return out;
  };
  const auto two = prints("// TODO\n// TODO\n");
  ASSERT_EQ(two.size(), 2u);
  EXPECT_NE(two[0], two[1]);
  EXPECT_EQ(prints("int first;\n// TODO\n// TODO\n"), two);
}

TEST(Sarif, SaysWhenNothingWasScanned) {
  ScanReport report;
  report.skipped = {"a.cc: no such file"};
  const Value sarif = to_sarif(report, "1");
  const Value& invocation = first_run(sarif).find("invocations")->as_array().at(0);
  EXPECT_FALSE(invocation.bool_or("executionSuccessful", true));
  EXPECT_EQ(invocation.find("toolExecutionNotifications")
                ->as_array()
                .at(0)
                .find("message")
                ->string_or("text", ""),
            "not scanned: a.cc: no such file");
  EXPECT_TRUE(first_run(sarif).find("results")->as_array().empty());
}

TEST(Sarif, SucceedsWithAnEmptyListAfterACleanScan) {
  const Value sarif = to_sarif(report_of("a.cc", "int a;\n"), "1");
  const Value& invocation = first_run(sarif).find("invocations")->as_array().at(0);
  EXPECT_TRUE(invocation.bool_or("executionSuccessful", false));
  EXPECT_TRUE(parse_json(to_json(sarif)).has_value());
}

}  // namespace
}  // namespace writ::scan
