#pragma once
// One parser per report format, private to the module; parse_test_report chooses among them.
#include <string>
#include <string_view>

#include "base/position.h"
#include "base/result.h"
#include "evidence/test_report.h"

namespace writ::evidence {

inline constexpr std::size_t kMaxReportBytes = 64u << 20;
inline constexpr std::size_t kMaxCases = 1'000'000;
inline constexpr std::size_t kMaxReportDepth = 64;
inline constexpr std::size_t kMaxMessageBytes = 2048;

// Each may return a report without cases; parse_test_report refuses that for all.
Result<TestReport> parse_junit(std::string_view text, std::string_view name);
Result<TestReport> parse_gtest_json(std::string_view text, std::string_view name);
Result<TestReport> parse_tap(std::string_view text, std::string_view name);
Result<TestReport> parse_libtest(std::string_view text, std::string_view name);
Result<TestReport> parse_go_test(std::string_view text, std::string_view name);

// `running N tests`: with it a test program of `cargo test` begins.
bool is_libtest_line(std::string_view line);
// Whether the first line is an event of `go test -json`.
bool looks_like_go_test(std::string_view text);

// An invalid_input error at a place in a report.
std::unexpected<Error> report_error(std::string_view name, Position at, std::string message,
                                    std::string remedy = {});

// Appends to a failure's message, as UTF-8 and up to its limit.
void append_message(std::string& message, std::string_view more);

}  // namespace writ::evidence
