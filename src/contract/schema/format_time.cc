#include "contract/schema/format_time.h"

#include <optional>

namespace writ::contract {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && is_leap ? 29 : kDays[month - 1];
}

// Minutes east of UTC; `text` must be used up.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

// One of `units` in order, each at most once; at least one.
bool take_units(std::string_view& text, std::string_view units) {
  bool found = false;
  while (!text.empty() && is_digit(text.front())) {
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    const auto at = text.empty() ? std::string_view::npos : units.find(text.front());
    if (at == std::string_view::npos) return false;
    // RFC 3339 appendix A: what lies between two units must be there.
    if (found && at != 0) return false;
    units.remove_prefix(at + 1);
    text.remove_prefix(1);
    found = true;
  }
  return found;
}

}  // namespace

bool is_date(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return false;
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, '-')) return false;
  const auto day = take_digits(text, 2);
  return day && *day >= 1 && *day <= days_in(*year, *month) && text.empty();
}

bool is_time(std::string_view text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return false;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return false;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return false;
  if (take(text, '.')) {
    if (text.empty() || !is_digit(text.front())) return false;
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return false;
  if (*second < 60) return true;
  // A leap second is the last one of a day in UTC.
  constexpr int kDay = 24 * 60;
  return (*hour * 60 + *minute - *offset + kDay) % kDay == kDay - 1;
}

bool is_date_time(std::string_view text) {
  constexpr std::size_t kDate = 10;
  return text.size() > kDate && (text[kDate] == 'T' || text[kDate] == 't') &&
         is_date(text.substr(0, kDate)) && is_time(text.substr(kDate + 1));
}

bool is_duration(std::string_view text) {
  if (!take(text, 'P')) return false;
  if (text.ends_with('W')) return take_units(text, "W") && text.empty();
  const bool has_date = !text.starts_with('T');
  if (has_date && !take_units(text, "YMD")) return false;
  if (text.empty()) return has_date;
  return take(text, 'T') && take_units(text, "HMS") && text.empty();
}

}  // namespace writ::contract
