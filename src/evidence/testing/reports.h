#pragma once
// Short forms of test reports for comparing, and the output of real test tools.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "evidence/test_report.h"

namespace writ::evidence {

// "suite.name status: message" of each case, line breaks as `|`.
inline std::vector<std::string> cases_of(std::string_view text) {
  const auto report = parse_test_report(text, "report");
  EXPECT_TRUE(report) << report.error().text();
  std::vector<std::string> out;
  if (!report) return out;
  for (const TestCase& test : report->cases) {
    std::string line = test.full_name() + " " + std::string(status_name(test.status));
    if (!test.message.empty()) line += ": " + test.message;
    for (char& c : line) c = c == '\n' ? '|' : c;
    out.push_back(std::move(line));
  }
  return out;
}

// The same without messages.
inline std::vector<std::string> names_of(std::string_view text) {
  const auto report = parse_test_report(text, "report");
  EXPECT_TRUE(report) << report.error().text() << "\n" << text;
  std::vector<std::string> out;
  if (!report) return out;
  for (const TestCase& test : report->cases) {
    out.push_back(test.full_name() + " " + std::string(status_name(test.status)));
  }
  return out;
}

// "line:column: message" of the refusal.
inline std::string error_of(std::string_view text) {
  const auto report = parse_test_report(text, "report");
  if (report) return "accepted";
  if (report.error().diagnostics.empty()) return report.error().message;
  const Diagnostic& first = report.error().diagnostics.front();
  return std::to_string(first.at.line) + ":" + std::to_string(first.at.column) + ": " +
         first.message;
}

// What `tool arguments` prints; nothing when the tool is not installed.
inline std::optional<std::string> output_of(const std::string& tool, const std::string& arguments) {
  if (std::system(("command -v " + tool + " >/dev/null 2>&1").c_str()) != 0) return std::nullopt;
  std::FILE* pipe = ::popen(("env -u NODE_TEST_CONTEXT " + tool + " " + arguments).c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);  // test tools end with 1 when a test failed: the report says more
  return out;
}

}  // namespace writ::evidence
