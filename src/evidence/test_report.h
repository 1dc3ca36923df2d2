#pragma once
// Test results out of other people's report formats. The elements count, never the totals that a
// report claims for itself; a truncated or malformed report is an error, not an empty result.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/record.h"

namespace writ::evidence {

enum class TestStatus : std::uint8_t { passed, failed, errored, skipped };

std::string_view status_name(TestStatus status);

struct TestCase {
  std::string suite;
  std::string name;  // "BookTest.PriorityHolds" is suite.name
  TestStatus status = TestStatus::passed;
  std::string message;  // first lines of the failure, at most 2 KiB
  std::string full_name() const { return suite.empty() ? name : suite + "." + name; }
};

struct TestReport {
  std::string format;           // junit, ctest_junit, gtest_json, tap, libtest, go_test_json
  std::vector<TestCase> cases;  // in the report's order
  std::vector<std::string> duplicates;  // full names that occur more than once, sorted

  std::size_t count(TestStatus status) const;
};

// Recognises by content: JUnit XML (also ctest's and gtest's), GoogleTest JSON, TAP 12–14, and
// what `cargo test` and `go test -json` print.
// Requires: nothing; the text is untrusted. At most 64 MiB, 1,000,000 cases, 64 levels.
// Errors: invalid_input with position (unknown format, malformed, cut off, a DTD, plan and lines
// of TAP disagree, no test case at all).
Result<TestReport> parse_test_report(std::string_view text, std::string_view name);

// tests evidence: counts, failing names (as many as fit), duplicates, facts tests.passed,
// tests.failed (failures + errors), tests.skipped, tests.total. `report_blob` is the raw report.
Draft tests_evidence(std::string_view name, const TestReport& report,
                     const store::BlobRef& report_blob);

}  // namespace writ::evidence
