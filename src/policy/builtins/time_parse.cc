#include <fmt/format.h>

#include <optional>

#include "policy/builtins/time_chunk.h"
#include "policy/builtins/time_layout.h"

namespace writ::rego {
namespace {

bool is_separator(char c) { return c == '.' || c == ','; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return static_cast<char>(c | 0x20); },
      [](char c) { return static_cast<char>(c | 0x20); });
}

// The size of a zone abbreviation at the front of `text`, 0 if there is none.
std::size_t signed_offset_size(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  if (end == 1 || end > 3 || (end == 3 && text.substr(1, 2) > "23")) return 0;
  return end;
}

std::size_t zone_name_size(std::string_view text) {
  if (text.size() < 3) return 0;
  if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
  if (text.starts_with("GMT")) return 3 + signed_offset_size(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return signed_offset_size(text);
  std::size_t upper = 0;
  while (upper < 6 && upper < text.size() && text[upper] >= 'A' && text[upper] <= 'Z') ++upper;
  if (upper == 5) return text[4] == 'T' ? 5 : 0;
  if (upper == 4) return text[3] == 'T' || text.starts_with("WITA") ? 4 : 0;
  return upper == 3 ? 3 : 0;
}

// Goes through layout and text together. What a text does not say is missing (nullopt).
class TimeParser {
 public:
  TimeParser(std::string_view layout, std::string_view text)
      : whole_layout_(layout), whole_text_(text), left_(text) {}

  Result<Instant> parse() {
    std::string_view layout = whole_layout_;
    while (true) {
      const Chunk chunk = next_chunk(layout);
      if (!skip(chunk.prefix)) return mismatch(chunk.prefix, left_);
      if (chunk.element == Element::none) break;
      const std::string_view before = left_;
      const bool fits = take(chunk);
      if (out_of_range_ != nullptr) return invalid(fmt::format(": {} out of range", out_of_range_));
      if (!fits) return mismatch(chunk.spelled, before);
      layout = chunk.rest;
    }
    if (!left_.empty()) return invalid(": extra text: " + go_quoted(left_));
    return assemble();
  }

 private:
  std::unexpected<Error> invalid(std::string_view why) const {
    return fail(Code::invalid_input, fmt::format("parsing time {}{}", go_quoted(whole_text_), why));
  }
  std::unexpected<Error> mismatch(std::string_view element, std::string_view text) const {
    return invalid(fmt::format(" as {}: cannot parse {} as {}", go_quoted(whole_layout_),
                               go_quoted(text), go_quoted(element)));
  }

  // Literal text; any number of spaces matches any number of spaces.
  bool skip(std::string_view prefix) {
    while (!prefix.empty()) {
      if (prefix[0] == ' ') {
        if (!left_.empty() && left_[0] != ' ') return false;
        prefix.remove_prefix(std::min(prefix.find_first_not_of(' '), prefix.size()));
        left_.remove_prefix(std::min(left_.find_first_not_of(' '), left_.size()));
        continue;
      }
      if (left_.empty() || left_[0] != prefix[0]) return false;
      prefix.remove_prefix(1);
      left_.remove_prefix(1);
    }
    return true;
  }

  // `most` digits at most, exactly so many if `fixed`.
  std::optional<std::int64_t> number(std::size_t most, bool fixed) {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (count < most && is_digit_at(left_, count)) value = value * 10 + (left_[count++] - '0');
    if (count == 0 || (fixed && count < most)) return std::nullopt;
    left_.remove_prefix(count);
    return value;
  }
  bool within(std::optional<std::int64_t>& out, bool fixed, std::int64_t from, std::int64_t to,
              const char* what) {
    out = number(2, fixed);
    if (out && (*out < from || *out > to)) out_of_range_ = what;
    return out.has_value();
  }
  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, bool is_short,
            std::optional<std::int64_t>& out) {
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view one = is_short ? names[i].substr(0, 3) : names[i];
      if (!equals_ignoring_case(left_.substr(0, one.size()), one)) continue;
      left_.remove_prefix(one.size());
      out = static_cast<std::int64_t>(i);
      return true;
    }
    return false;
  }

  bool take(const Chunk& chunk) {
    std::optional<std::int64_t> ignored;
    switch (chunk.element) {
      case Element::none:
        return true;
      case Element::year:
        return take_short_year();
      case Element::long_year:
        year_ = number(4, true);
        return year_.has_value();
      case Element::month:
      case Element::long_month:
        return take_month_name(chunk.element == Element::month);
      case Element::num_month:
      case Element::zero_month:
        return within(month_, chunk.element == Element::zero_month, 1, 12, "month");
      case Element::weekday:
      case Element::long_weekday:
        return name(kWeekdays, chunk.element == Element::weekday, ignored);
      case Element::under_day:
      case Element::day:
      case Element::zero_day:
        if (chunk.element == Element::under_day && left_.starts_with(' ')) left_.remove_prefix(1);
        day_ = number(2, chunk.element == Element::zero_day);
        return day_.has_value();
      case Element::under_year_day:
      case Element::zero_year_day:
        return take_year_day(chunk.element);
      default:
        return take_clock(chunk);
    }
  }

  bool take_clock(const Chunk& chunk) {
    switch (chunk.element) {
      case Element::hour:
        return within(hour_, false, 0, 23, "hour");
      case Element::hour12:
      case Element::zero_hour12:
        return within(hour_, chunk.element == Element::zero_hour12, 0, 12, "hour");
      case Element::minute:
      case Element::zero_minute:
        return within(minute_, chunk.element == Element::zero_minute, 0, 59, "minute");
      case Element::second:
      case Element::zero_second:
        return within(second_, chunk.element == Element::zero_second, 0, 59, "second") &&
               take_unasked_fraction(chunk.rest);
      case Element::upper_pm:
        return take_half("PM", "AM");
      case Element::lower_pm:
        return take_half("pm", "am");
      case Element::zone:
        return take_offset(zone_form(chunk.spelled));
      case Element::zone_name:
        return take_zone_name();
      case Element::fraction_fixed:
        return take_fraction(chunk.spelled.size());
      default:  // fraction_as_is may be missing
        if (left_.size() < 2 || !is_separator(left_[0]) || !is_digit_at(left_, 1)) return true;
        return take_fraction(fraction_size());
    }
  }

  bool take_short_year() {
    year_ = number(2, true);
    if (year_) *year_ += *year_ >= 69 ? 1900 : 2000;
    return year_.has_value();
  }
  bool take_month_name(bool is_short) {
    if (!name(kMonths, is_short, month_)) return false;
    month_ = month_.value_or(0) + 1;  // the list begins with January, months with 1
    return true;
  }
  bool take_year_day(Element element) {
    for (int i = 0; i < 2 && element == Element::under_year_day && left_.starts_with(' '); ++i) {
      left_.remove_prefix(1);
    }
    year_day_ = number(3, element == Element::zero_year_day);
    return year_day_.has_value();
  }
  bool take_half(std::string_view pm, std::string_view am) {
    is_pm_ = left_.starts_with(pm);
    is_am_ = left_.starts_with(am);
    if (!is_pm_ && !is_am_) return false;
    left_.remove_prefix(2);
    return true;
  }

  std::size_t fraction_size() const {
    return std::min(left_.find_first_not_of("0123456789", 1), left_.size());
  }
  // Seconds may have a fraction even if the layout shows none.
  bool take_unasked_fraction(std::string_view rest) {
    if (left_.size() < 2 || !is_separator(left_[0]) || !is_digit_at(left_, 1)) return true;
    const Element next = next_chunk(rest).element;
    if (next == Element::fraction_fixed || next == Element::fraction_as_is) return true;
    return take_fraction(fraction_size());
  }
  bool take_fraction(std::size_t size) {
    if (left_.size() < size || !is_separator(left_[0])) return false;
    std::int64_t value = 0;
    for (std::size_t i = 1; i < 10; ++i) {
      if (i < size && !is_digit_at(left_, i)) return false;
      value = value * 10 + (i < size ? left_[i] - '0' : 0);
    }
    left_.remove_prefix(size);
    nanos_ = static_cast<std::int32_t>(value);
    return true;
  }

  bool take_offset(const ZoneForm& form) {
    if (form.z_for_utc && left_.starts_with('Z')) {
      left_.remove_prefix(1);
      offset_ = 0;
      return true;
    }
    if (left_.empty() || (left_[0] != '+' && left_[0] != '-')) return false;
    const std::int64_t sign = left_[0] == '-' ? -1 : 1;
    left_.remove_prefix(1);
    static constexpr const char* kNames[] = {"time zone offset hour", "time zone offset minute",
                                             "time zone offset second"};
    static constexpr std::int64_t kMost[] = {24, 60, 60};
    static constexpr std::int64_t kSeconds[] = {3600, 60, 1};
    std::int64_t total = 0;
    for (int i = 0; i < form.parts; ++i) {
      if (i > 0 && form.colons && !skip(":")) return false;
      const auto part = number(2, true);
      if (!part) return false;
      if (*part > kMost[i]) out_of_range_ = kNames[i];
      total += *part * kSeconds[i];
    }
    offset_ = sign * total;
    return true;
  }
  bool take_zone_name() {
    if (left_.starts_with("UTC")) {
      left_.remove_prefix(3);
      offset_ = 0;
      return true;
    }
    const std::size_t size = zone_name_size(left_);
    if (size == 0) return false;
    if (left_.starts_with("GMT") && size > 3) {
      std::int64_t hours = 0;
      for (const char c : left_.substr(4, size - 4)) hours = hours * 10 + (c - '0');
      offset_ = (left_[3] == '-' ? -hours : hours) * 3600;
    }
    left_.remove_prefix(size);
    return true;
  }

  Result<Instant> assemble() {
    CivilTime time{year_.value_or(0),  1, 1, hour_.value_or(0), minute_.value_or(0),
                   second_.value_or(0)};
    if (is_pm_ && time.hour < 12) time.hour += 12;
    if (is_am_ && time.hour == 12) time.hour = 0;
    if (year_day_) {
      WRIT_CHECK(apply_year_day(time));
    } else {
      time.month = month_.value_or(1);
      time.day = day_.value_or(1);
    }
    if (time.day < 1 || time.day > days_in_month(time.month, time.year)) {
      return invalid(": day out of range");
    }
    return Instant{to_seconds(time) - offset_.value_or(0), nanos_};
  }
  Result<void> apply_year_day(CivilTime& time) {
    const bool leap = is_leap_year(time.year);
    const std::int64_t day = year_day_.value_or(0);
    if (day < 1 || day > (leap ? 366 : 365)) {
      return invalid(": day-of-year out of range");
    }
    while (time.month < 12 && days_before_month(time.month + 1, leap) < day) ++time.month;
    time.day = day - days_before_month(time.month, leap);
    if (month_.value_or(time.month) != time.month)
      return invalid(": day-of-year does not match month");
    if (day_.value_or(time.day) != time.day) return invalid(": day-of-year does not match day");
    return {};
  }

  std::string_view whole_layout_;
  std::string_view whole_text_;
  std::string_view left_;
  const char* out_of_range_ = nullptr;
  std::optional<std::int64_t> year_, month_, day_, year_day_, hour_, minute_, second_, offset_;
  std::int32_t nanos_ = 0;
  bool is_pm_ = false;
  bool is_am_ = false;
};

}  // namespace

Result<Instant> parse_time(std::string_view layout, std::string_view text) {
  return TimeParser(layout, text).parse();
}

}  // namespace writ::rego
