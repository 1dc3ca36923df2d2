#include "policy/builtins/time_zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

namespace writ::rego {

namespace {

constexpr std::int64_t kBegin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kLargestFile = 1U << 20;

std::unexpected<Error> malformed() {
  return fail(Code::invalid_input, "malformed time zone information");
}

}  // namespace

// Reads the rule behind the data: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ).
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : left_(text) {}

  bool read(TimeZone::Rule& out) {
    if (!name(out.standard.name) || !offset(out.standard.offset)) return false;
    out.standard.offset = -out.standard.offset;
    if (left_.empty()) return true;
    if (!name(out.summer.name)) return false;
    out.has_summer = true;
    out.summer.offset = out.standard.offset + 3600;
    if (!left_.empty() && left_[0] != ',') {
      if (!offset(out.summer.offset)) return false;
      out.summer.offset = -out.summer.offset;
    }
    return year_day(out.from) && year_day(out.to) && left_.empty();
  }

 private:
  bool take(char c) {
    if (left_.empty() || left_[0] != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  bool name(std::string& out) {
    if (take('<')) {
      const std::size_t end = left_.find('>');
      if (end == std::string_view::npos) return false;
      out = left_.substr(0, end);
      left_.remove_prefix(end + 1);
      return true;
    }
    const std::size_t end = std::min(left_.find_first_of("0123456789,+-"), left_.size());
    out = left_.substr(0, end);
    left_.remove_prefix(end);
    return out.size() >= 3;
  }
  bool number(std::int32_t& out) {
    const std::size_t end = std::min(left_.find_first_not_of("0123456789"), left_.size());
    if (end == 0 || end > 4) return false;
    out = 0;
    for (const char c : left_.substr(0, end)) out = out * 10 + (c - '0');
    left_.remove_prefix(end);
    return true;
  }
  bool offset(std::int32_t& out) {
    const std::int32_t sign = take('-') ? -1 : (take('+'), 1);
    std::int32_t hours = 0, minutes = 0, seconds = 0;
    if (!number(hours) || (take(':') && !number(minutes)) || (take(':') && !number(seconds))) {
      return false;
    }
    out = sign * (hours * 3600 + minutes * 60 + seconds);
    return hours <= 24 * 7;
  }
  bool year_day(TimeZone::YearDay& out) {
    if (!take(',')) return false;
    if (take('M')) {
      out.form = TimeZone::YearDay::Form::month_week_day;
      if (!number(out.month) || !take('.') || !number(out.week) || !take('.') || !number(out.day) ||
          out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.day > 6) {
        return false;
      }
    } else {
      out.form = take('J') ? TimeZone::YearDay::Form::julian : TimeZone::YearDay::Form::zero_based;
      if (!number(out.day) || out.day > 366) return false;
    }
    return !take('/') || offset(out.time);
  }

  std::string_view left_;
};

// Reads the file: a first block with 32-bit times, which is skipped, one with 64-bit times, and
// the rule as text.
class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : left_(bytes) {}

  bool read(TimeZone& out) {
    Header header;
    if (!read_header(header)) return false;
    std::size_t width = 4;
    if (header.version != 0) {
      if (!skip(header.size(4)) || !read_header(header)) return false;
      width = 8;
    }
    return header.size(width) <= left_.size() && read_block(out, header, width) &&
           (width == 4 || read_rule(out));
  }

 private:
  struct Header {
    char version = 0;
    std::size_t is_ut = 0, is_standard = 0, leaps = 0, changes = 0, types = 0, name_bytes = 0;
    std::size_t size(std::size_t width) const {
      return changes * (width + 1) + types * 6 + name_bytes + leaps * (width + 4) + is_standard +
             is_ut;
    }
  };

  bool skip(std::size_t n) {
    if (n > left_.size()) return false;
    left_.remove_prefix(n);
    return true;
  }
  // Big-endian, signed. Requires: there are so many bytes.
  std::int64_t integer(std::size_t width) {
    std::uint64_t out = static_cast<unsigned char>(left_[0]) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < width; ++i) {
      out = out << 8 | static_cast<unsigned char>(left_[i]);
    }
    left_.remove_prefix(width);
    return static_cast<std::int64_t>(out);
  }
  bool read_header(Header& out) {
    if (left_.size() < 44 || !left_.starts_with("TZif")) return false;
    out.version = left_[4];
    left_.remove_prefix(20);
    for (std::size_t* field :
         {&out.is_ut, &out.is_standard, &out.leaps, &out.changes, &out.types, &out.name_bytes}) {
      const std::int64_t value = integer(4);
      if (value < 0 || value > static_cast<std::int64_t>(kLargestFile)) return false;
      *field = static_cast<std::size_t>(value);
    }
    return out.types > 0;
  }
  bool read_block(TimeZone& out, const Header& header, std::size_t width) {
    out.changes_.resize(header.changes);
    for (auto& change : out.changes_) change.at = integer(width);
    for (auto& change : out.changes_) {
      change.type = static_cast<unsigned char>(left_[0]);
      left_.remove_prefix(1);
      if (change.type >= header.types) return false;
    }
    std::vector<std::size_t> names;
    for (std::size_t i = 0; i < header.types; ++i) {
      out.types_.push_back({static_cast<std::int32_t>(integer(4)), {}});
      names.push_back(static_cast<unsigned char>(left_[1]));
      left_.remove_prefix(2);
    }
    const std::string_view texts = left_.substr(0, header.name_bytes);
    for (std::size_t i = 0; i < header.types; ++i) {
      if (names[i] >= texts.size()) return false;
      const std::string_view name = texts.substr(names[i]);
      out.types_[i].name = name.substr(0, name.find('\0'));
    }
    skip(header.name_bytes + header.leaps * (width + 4) + header.is_standard + header.is_ut);
    return std::ranges::is_sorted(out.changes_, {}, &TimeZone::Change::at);
  }
  bool read_rule(TimeZone& out) {
    if (left_.size() < 2 || left_.front() != '\n' || left_.back() != '\n') return true;
    const std::string_view text = left_.substr(1, left_.size() - 2);
    if (text.empty()) return true;
    auto rule = std::make_unique<TimeZone::Rule>();
    if (!RuleReader(text).read(*rule)) return false;
    out.rule_ = std::move(rule);
    return true;
  }

  std::string_view left_;
};

const TimeZone& TimeZone::utc() {
  static const TimeZone kUtc = [] {
    TimeZone zone;
    zone.types_.push_back({0, "UTC"});
    return zone;
  }();
  return kUtc;
}

Result<TimeZone> TimeZone::parse(std::string_view tzif) {
  TimeZone out;
  if (!TzifReader(tzif).read(out)) return malformed();
  return out;
}

Result<TimeZone> TimeZone::load(std::string_view name) {
  if (name.empty() || name == "UTC") {
    TimeZone out;
    out.types_ = utc().types_;
    return out;
  }
  if (name.front() == '/' || name.contains('\\') || name.contains("..") || name.contains('\0')) {
    return fail(Code::not_found, "time: invalid location name");
  }
  const std::string path =
      name == "Local" ? "/etc/localtime" : "/usr/share/zoneinfo/" + std::string(name);
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  char chunk[4096];
  while (file && bytes.size() <= kLargestFile) {
    file.read(chunk, sizeof chunk);
    bytes.append(chunk, static_cast<std::size_t>(file.gcount()));
  }
  if (bytes.empty() || bytes.size() > kLargestFile) {
    return fail(Code::not_found, "unknown time zone " + std::string(name));
  }
  return parse(bytes);
}

std::int64_t TimeZone::second_of_year(const YearDay& day, std::int64_t year) {
  std::int64_t days = 0;
  switch (day.form) {
    case YearDay::Form::julian:  // 1 to 365; February 29 is never counted
      days = day.day - 1 + (is_leap_year(year) && day.day >= 60 ? 1 : 0);
      break;
    case YearDay::Form::zero_based:
      days = day.day;
      break;
    case YearDay::Form::month_week_day: {
      const int first = weekday_of(to_seconds({year, day.month, 1, 0, 0, 0}));
      std::int64_t of_month = (day.day - first + 7) % 7 + (day.week - 1) * 7;
      if (of_month >= days_in_month(day.month, year)) of_month -= 7;  // week 5 is the last one
      days = days_before_month(day.month, is_leap_year(year)) + of_month;
      break;
    }
  }
  return days * kDay + day.time;
}

TimeZone::Period TimeZone::by_rule(std::int64_t seconds, std::int64_t since) const {
  const Rule& rule = *rule_;
  Period out{rule.standard.offset, rule.standard.name, since, kEnd};
  if (!rule.has_summer) return out;
  // The changes of three years around it, in order, each with what holds from then on.
  const std::int64_t year = to_civil(seconds + rule.standard.offset).year;
  struct Turn {
    std::int64_t at;
    const Type* to;
  };
  std::vector<Turn> turns;
  for (std::int64_t y = year - 1; y <= year + 1; ++y) {
    const std::int64_t start = to_seconds({y, 1, 1, 0, 0, 0});
    turns.push_back({start + second_of_year(rule.from, y) - rule.standard.offset, &rule.summer});
    turns.push_back({start + second_of_year(rule.to, y) - rule.summer.offset, &rule.standard});
  }
  std::ranges::stable_sort(turns, {}, &Turn::at);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (turns[i].at > seconds) break;
    out = {turns[i].to->offset, turns[i].to->name, std::max(turns[i].at, since),
           i + 1 < turns.size() ? turns[i + 1].at : kEnd};
  }
  return out;
}

TimeZone::Period TimeZone::at(std::int64_t seconds) const {
  const auto next = std::ranges::upper_bound(changes_, seconds, {}, &Change::at);
  const std::int64_t start = next == changes_.begin() ? kBegin : std::prev(next)->at;
  if (next == changes_.end() && rule_ != nullptr) return by_rule(seconds, start);
  const Type& type = types_[next == changes_.begin() ? first_type_ : std::prev(next)->type];
  return {type.offset, type.name, start, next == changes_.end() ? kEnd : next->at};
}

CivilTime TimeZone::local(std::int64_t seconds) const {
  return to_civil(seconds + at(seconds).offset);
}

std::int64_t TimeZone::instant(const CivilTime& time) const {
  const std::int64_t shown = to_seconds(time);
  const Period guess = at(shown);
  const std::int64_t utc = shown - guess.offset;
  if (utc >= guess.start && utc < guess.end) return utc;
  return shown - at(utc).offset;
}

}  // namespace writ::rego
