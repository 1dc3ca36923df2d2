#pragma once
// What a layout consists of: literal text, and elements that stand for a part of the time.
// Private to time_layout.cc, time_format.cc and time_parse.cc.
#include <array>
#include <cstdint>
#include <string_view>

namespace writ::rego {

enum class Element : std::uint8_t {
  none,
  long_month,      // January
  month,           // Jan
  num_month,       // 1
  zero_month,      // 01
  long_weekday,    // Monday
  weekday,         // Mon
  day,             // 2
  under_day,       // _2
  zero_day,        // 02
  under_year_day,  // __2
  zero_year_day,   // 002
  hour,            // 15
  hour12,          // 3
  zero_hour12,     // 03
  minute,          // 4
  zero_minute,     // 04
  second,          // 5
  zero_second,     // 05
  long_year,       // 2006
  year,            // 06
  upper_pm,        // PM
  lower_pm,        // pm
  zone_name,       // MST
  zone,            // Z07:00, -0700, …
  fraction_fixed,  // .000
  fraction_as_is,  // .999
};

struct Chunk {
  std::string_view prefix;  // literal text before the element
  Element element = Element::none;
  std::string_view spelled;  // the element as the layout has it
  std::string_view rest;
};

// The next element of `layout`, or all of it as a prefix.
Chunk next_chunk(std::string_view layout);

// How an offset is written: "Z07:00:00".
struct ZoneForm {
  bool z_for_utc = false;
  bool colons = false;
  int parts = 1;  // hours, minutes, seconds
};
ZoneForm zone_form(std::string_view spelled);

inline constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

constexpr bool is_digit_at(std::string_view text, std::size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

}  // namespace writ::rego
