#pragma once
// IANA time zones, read from the system's database (TZif files, RFC 8536) with the rule that
// holds after the last listed change. Immutable; thread-safe.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/builtins/civil_time.h"

namespace writ::rego {

class TimeZone {
 public:
  // What the clocks show during one period.
  struct Period {
    std::int32_t offset = 0;  // seconds east of UTC
    std::string_view name;    // "CET"; points into the zone
    std::int64_t start = 0;   // first second, and the first one after it
    std::int64_t end = 0;
  };

  static const TimeZone& utc();
  // "Europe/Berlin"; "" and "UTC" are UTC, "Local" is the machine's zone.
  // Errors: not_found, with the text that Go has for it.
  static Result<TimeZone> load(std::string_view name);
  // Out of the bytes of a TZif file. Errors: invalid_input.
  static Result<TimeZone> parse(std::string_view tzif);

  Period at(std::int64_t seconds) const;

  // What the clocks show.
  CivilTime local(std::int64_t seconds) const;
  // When the clocks show `time`. In the gap or overlap of a change one of both offsets counts, the
  // one that Go takes.
  std::int64_t instant(const CivilTime& time) const;

 private:
  struct Type {
    std::int32_t offset = 0;
    std::string name;
  };
  struct Change {
    std::int64_t at = 0;
    std::size_t type = 0;
  };
  // One of the two yearly changes in a rule: M month, week, day; or a day of the year.
  struct YearDay {
    enum class Form : std::uint8_t { julian, zero_based, month_week_day } form = Form::julian;
    std::int32_t month = 0, week = 0, day = 0;
    std::int32_t time = 7200;  // seconds after midnight
  };
  struct Rule {
    Type standard;
    Type summer;
    bool has_summer = false;
    YearDay from, to;  // of summer time
  };

  friend class TzifReader;
  friend class RuleReader;
  Period by_rule(std::int64_t seconds, std::int64_t since) const;
  static std::int64_t second_of_year(const YearDay& day, std::int64_t year);

  std::vector<Type> types_;
  std::vector<Change> changes_;  // sorted
  std::size_t first_type_ = 0;   // before the first change
  std::unique_ptr<Rule> rule_;   // after the last one; may be missing
};

}  // namespace writ::rego
