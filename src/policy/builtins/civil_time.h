#pragma once
// Instants and what calendar and clock show: the proleptic Gregorian calendar, as Go computes it.
#include <cstdint>
#include <optional>

namespace writ::rego {

// A point in time: seconds since the Unix epoch, and nanoseconds after that (0 to 999,999,999).
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;

  static Instant from_ns(std::int64_t ns);
  // Nothing if it is outside of what int64 nanoseconds can say (1677 to 2262).
  std::optional<std::int64_t> to_ns() const;
};

struct CivilTime {
  std::int64_t year = 1970;
  std::int64_t month = 1;  // 1 to 12
  std::int64_t day = 1;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
};

bool is_leap_year(std::int64_t year);
std::int64_t days_in_month(std::int64_t month, std::int64_t year);
// Days of the year before the first of `month`; month 13: the length of the year.
std::int64_t days_before_month(std::int64_t month, bool leap);

// As if the clock stood on UTC. Values outside their ranges carry over: October 32 is November 1.
// Requires: |year| and |month| below 10^9, the others below 10^12.
std::int64_t to_seconds(const CivilTime& time);
CivilTime to_civil(std::int64_t seconds);

// 0: Sunday.
int weekday_of(std::int64_t seconds);
// 1: January 1.
std::int64_t day_of_year(const CivilTime& time);

}  // namespace writ::rego
