#include "policy/builtins/civil_time.h"

#include <array>

namespace writ::rego {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kNanos = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days since 1970-01-01 of a month that is in its range. March begins the year inside, so that
// the leap day comes last.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

}  // namespace

Instant Instant::from_ns(std::int64_t ns) {
  const std::int64_t seconds = floor_div(ns, kNanos);
  return {seconds, static_cast<std::int32_t>(ns - seconds * kNanos)};
}

std::optional<std::int64_t> Instant::to_ns() const {
  // Of negative instants the fraction counts backwards, so that the very smallest fits.
  const bool borrow = seconds < 0 && nanos > 0;
  const std::int64_t whole = borrow ? seconds + 1 : seconds;
  const std::int64_t part = borrow ? nanos - kNanos : nanos;
  std::int64_t out = 0;
  if (__builtin_mul_overflow(whole, kNanos, &out) || __builtin_add_overflow(out, part, &out)) {
    return std::nullopt;
  }
  return out;
}

bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int64_t days_before_month(std::int64_t month, bool leap) {
  static constexpr std::array<std::int64_t, 13> kBefore = {0,   31,  59,  90,  120, 151, 181,
                                                           212, 243, 273, 304, 334, 365};
  return kBefore[static_cast<std::size_t>(month - 1)] + (leap && month > 2 ? 1 : 0);
}

std::int64_t days_in_month(std::int64_t month, std::int64_t year) {
  const bool leap = is_leap_year(year);
  return days_before_month(month + 1, leap) - days_before_month(month, leap);
}

std::int64_t to_seconds(const CivilTime& time) {
  const std::int64_t months = time.month - 1;
  const std::int64_t year = time.year + floor_div(months, 12);
  const std::int64_t month = months - floor_div(months, 12) * 12 + 1;
  const std::int64_t days = days_from_civil(year, month) + time.day - 1;
  return days * kDay + time.hour * 3600 + time.minute * 60 + time.second;
}

CivilTime to_civil(std::int64_t seconds) {
  const std::int64_t days = floor_div(seconds, kDay);
  const std::int64_t rest = seconds - days * kDay;
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * of_year + 2) / 153;
  CivilTime out;
  out.day = of_year - (153 * march_month + 2) / 5 + 1;
  out.month = march_month + (march_month < 10 ? 3 : -9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
  out.hour = rest / 3600;
  out.minute = rest / 60 % 60;
  out.second = rest % 60;
  return out;
}

int weekday_of(std::int64_t seconds) {
  const std::int64_t days = floor_div(seconds, kDay) + 4;  // the epoch was a Thursday
  return static_cast<int>(days - floor_div(days, 7) * 7);
}

std::int64_t day_of_year(const CivilTime& time) {
  return days_before_month(time.month, is_leap_year(time.year)) + time.day;
}

}  // namespace writ::rego
