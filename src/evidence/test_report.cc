#include "evidence/test_report.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "evidence/fields.h"
#include "evidence/report_format.h"
#include "evidence/shortlist.h"
#include "syntax/display.h"

namespace writ::evidence {
namespace {

constexpr std::array<std::string_view, 4> kStatuses{"passed", "failed", "errored", "skipped"};

std::string_view without_bom(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

bool looks_like_xml(std::string_view text) {
  return text.starts_with("<") || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

bool is_tap_line(std::string_view line) {
  const bool is_plan = line.starts_with("1..");
  const bool is_point =
      line == "ok" || line == "not ok" || line.starts_with("ok ") || line.starts_with("not ok ");
  return is_plan || is_point || line.starts_with("TAP version ") || line.starts_with("Bail out!");
}

// What a tool printed may begin with comments and other lines; its first own one decides.
using Parser = Result<TestReport> (*)(std::string_view text, std::string_view name);
Parser parser_of_lines(std::string_view text) {
  for (int lines = 0; lines < 200 && !text.empty(); ++lines) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (is_tap_line(line)) return &parse_tap;
    if (is_libtest_line(line)) return &parse_libtest;
  }
  return nullptr;
}

Result<TestReport> parse_any(std::string_view text, std::string_view name) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const std::string_view start = first == std::string_view::npos ? "" : text.substr(first);
  if (start.empty()) {
    return report_error(name, {1, 1}, "the report is empty", "Did the test program run at all?");
  }
  if (looks_like_xml(start)) return parse_junit(text, name);
  if (looks_like_go_test(start)) return parse_go_test(start, name);
  if (start.starts_with("{")) return parse_gtest_json(text, name);
  if (const Parser parse = parser_of_lines(text)) return parse(text, name);
  return report_error(name, {1, 1}, "this is no test report that Writ knows",
                      "Use JUnit XML, GoogleTest JSON, TAP, or what `cargo test` or "
                      "`go test -json` prints");
}

std::vector<std::string> repeated_names(const std::vector<TestCase>& cases) {
  std::vector<std::string> names;
  names.reserve(cases.size());
  for (const TestCase& test : cases) names.push_back(test.full_name());
  std::sort(names.begin(), names.end());
  std::vector<std::string> repeated;
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (names[i] == names[i - 1] && (repeated.empty() || repeated.back() != names[i])) {
      repeated.push_back(names[i]);
    }
  }
  return repeated;
}

bool is_failure(TestStatus status) {
  return status == TestStatus::failed || status == TestStatus::errored;
}

}  // namespace

std::string_view status_name(TestStatus status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

std::size_t TestReport::count(TestStatus status) const {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [status](const TestCase& test) { return test.status == status; }));
}

std::unexpected<Error> report_error(std::string_view name, Position at, std::string message,
                                    std::string remedy) {
  return fail({Diagnostic{std::string(name), at, std::move(message), std::move(remedy)}});
}

void append_message(std::string& message, std::string_view more) {
  if (more.empty() || message.size() >= kMaxMessageBytes) return;
  if (!message.empty()) message += '\n';
  message += syntax::displayed(more, kMaxMessageBytes - message.size());
}

Result<TestReport> parse_test_report(std::string_view text, std::string_view name) {
  if (text.size() > kMaxReportBytes) {
    return report_error(name, {}, "the report is larger than 64 MiB", "Split the test run");
  }
  WRIT_TRY(TestReport report, parse_any(without_bom(text), name));
  if (report.cases.empty()) {
    return report_error(name, {1, 1}, "the report holds no test case",
                        "Check that the tests were built and that no filter excludes them all");
  }
  report.duplicates = repeated_names(report.cases);
  return report;
}

Draft tests_evidence(std::string_view name, const TestReport& report,
                     const store::BlobRef& report_blob) {
  Shortlist failures(10'000);
  for (const TestCase& test : report.cases) {
    if (!is_failure(test.status)) continue;
    failures.add(Object{{"name", syntax::displayed(test.full_name(), 400)},
                        {"status", status_name(test.status)},
                        {"message", syntax::displayed(test.message, 600)}});
  }
  Shortlist duplicates(3'000);
  for (const std::string& repeated : report.duplicates)
    duplicates.add(syntax::displayed(repeated, 400));
  const std::size_t failed = report.count(TestStatus::failed);
  const std::size_t errored = report.count(TestStatus::errored);
  const std::size_t passed = report.count(TestStatus::passed);
  const std::size_t skipped = report.count(TestStatus::skipped);
  Draft draft;
  draft.kind = Kind::tests;
  draft.name = name;
  draft.data = Object{{"format", report.format},
                      {"total", report.cases.size()},
                      {"passed", passed},
                      {"failed", failed},
                      {"errored", errored},
                      {"skipped", skipped},
                      {"failures", failures.take()},
                      {"failures_not_listed", failures.not_listed()},
                      {"duplicates", duplicates.take()},
                      {"duplicates_not_listed", duplicates.not_listed()},
                      {"report", digest_text(report_blob.digest)}};
  draft.facts = {{"tests.passed", passed},
                 {"tests.failed", failed + errored},
                 {"tests.skipped", skipped},
                 {"tests.total", report.cases.size()}};
  draft.blobs = {report_blob};
  return draft;
}

}  // namespace writ::evidence
