#include <fmt/format.h>

#include <cstdlib>

#include "policy/builtins/time_chunk.h"
#include "policy/builtins/time_layout.h"

namespace writ::rego {
namespace {

struct Shown {
  CivilTime civil;
  TimeZone::Period period;
  int weekday = 0;
  std::int32_t nanos = 0;
};

void append_offset(std::string& out, std::int32_t offset, const ZoneForm& form) {
  if (form.z_for_utc && offset == 0) {
    out += 'Z';
    return;
  }
  const std::int32_t minutes = std::abs(offset / 60);
  const std::string_view colon = form.colons ? ":" : "";
  out += fmt::format("{}{:02}", offset / 60 < 0 ? '-' : '+', minutes / 60);
  if (form.parts > 1) out += fmt::format("{}{:02}", colon, minutes % 60);
  if (form.parts > 2) out += fmt::format("{}{:02}", colon, std::abs(offset) % 60);
}

void append_zone_name(std::string& out, const TimeZone::Period& period) {
  if (!period.name.empty()) {
    out += period.name;
    return;
  }
  append_offset(out, period.offset, {false, false, period.offset / 60 % 60 == 0 ? 1 : 2});
}

void append_fraction(std::string& out, std::int32_t nanos, std::string_view spelled) {
  std::string digits = fmt::format("{:09}", nanos);
  digits.resize(std::min<std::size_t>(spelled.size() - 1, 9));
  if (spelled[1] == '9') {
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) return;
  } else {
    digits.append(spelled.size() - 1 - digits.size(), '0');
  }
  out += spelled[0];
  out += digits;
}

std::int64_t hour12(const CivilTime& civil) { return civil.hour % 12 == 0 ? 12 : civil.hour % 12; }

void append_year(std::string& out, std::int64_t year) {
  out += year < 0 ? fmt::format("-{:04}", -year) : fmt::format("{:04}", year);
}

void append_element(std::string& out, const Shown& time, const Chunk& chunk) {
  const CivilTime& civil = time.civil;
  const auto padded = [&](std::int64_t n) { out += fmt::format("{:02}", n); };
  const auto plain = [&](std::int64_t n) { out += fmt::format("{}", n); };
  const auto month = kMonths[static_cast<std::size_t>(civil.month - 1)];
  const auto weekday = kWeekdays[static_cast<std::size_t>(time.weekday)];
  switch (chunk.element) {
    case Element::none:
      break;
    case Element::long_month:
      out += month;
      break;
    case Element::month:
      out += month.substr(0, 3);
      break;
    case Element::num_month:
      plain(civil.month);
      break;
    case Element::zero_month:
      padded(civil.month);
      break;
    case Element::long_weekday:
      out += weekday;
      break;
    case Element::weekday:
      out += weekday.substr(0, 3);
      break;
    case Element::day:
      plain(civil.day);
      break;
    case Element::under_day:
      out += fmt::format("{:2}", civil.day);
      break;
    case Element::zero_day:
      padded(civil.day);
      break;
    case Element::under_year_day:
      out += fmt::format("{:3}", day_of_year(civil));
      break;
    case Element::zero_year_day:
      out += fmt::format("{:03}", day_of_year(civil));
      break;
    case Element::hour:
      padded(civil.hour);
      break;
    case Element::hour12:
      plain(hour12(civil));
      break;
    case Element::zero_hour12:
      padded(hour12(civil));
      break;
    case Element::minute:
      plain(civil.minute);
      break;
    case Element::zero_minute:
      padded(civil.minute);
      break;
    case Element::second:
      plain(civil.second);
      break;
    case Element::zero_second:
      padded(civil.second);
      break;
    case Element::long_year:
      append_year(out, civil.year);
      break;
    case Element::year:
      padded(std::abs(civil.year) % 100);
      break;
    case Element::upper_pm:
      out += civil.hour >= 12 ? "PM" : "AM";
      break;
    case Element::lower_pm:
      out += civil.hour >= 12 ? "pm" : "am";
      break;
    case Element::zone_name:
      append_zone_name(out, time.period);
      break;
    case Element::zone:
      append_offset(out, time.period.offset, zone_form(chunk.spelled));
      break;
    case Element::fraction_fixed:
    case Element::fraction_as_is:
      append_fraction(out, time.nanos, chunk.spelled);
      break;
  }
}

}  // namespace

std::string format_time(const Instant& instant, const TimeZone& zone, std::string_view layout) {
  const TimeZone::Period period = zone.at(instant.seconds);
  const std::int64_t shown = instant.seconds + period.offset;
  const Shown time{to_civil(shown), period, weekday_of(shown), instant.nanos};
  std::string out;
  while (!layout.empty()) {
    const Chunk chunk = next_chunk(layout);
    out += chunk.prefix;
    append_element(out, time, chunk);
    layout = chunk.rest;
  }
  return out;
}

}  // namespace writ::rego
