#pragma once
// Layouts of Go's package time: a time is formatted and parsed by example, and the example is
// always Mon Jan 2 15:04:05 MST 2006.
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/builtins/time_zone.h"

namespace writ::rego {

// The layout that `name` stands for ("RFC822Z"), or `name` itself.
std::string_view named_layout(std::string_view name);

std::string format_time(const Instant& instant, const TimeZone& zone, std::string_view layout);

// A text without zone is UTC; an abbreviation other than UTC and GMT+n says nothing and counts
// as UTC. Errors: invalid_input, with the text that Go has for it.
Result<Instant> parse_time(std::string_view layout, std::string_view text);

// "1h15m30.918s" in nanoseconds. Errors: invalid_input, with the text that Go has for it.
Result<std::int64_t> parse_duration(std::string_view text);

// `text` in Go's quotes, as its error messages show texts.
std::string go_quoted(std::string_view text);

}  // namespace writ::rego
