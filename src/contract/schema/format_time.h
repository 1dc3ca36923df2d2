#pragma once
// The formats of RFC 3339 (dates, times) and ISO 8601 durations.
#include <string_view>

namespace writ::contract {

bool is_date(std::string_view text);
bool is_time(std::string_view text);
bool is_date_time(std::string_view text);
bool is_duration(std::string_view text);

}  // namespace writ::contract
