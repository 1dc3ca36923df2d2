#include "base/clock.h"

#include <algorithm>
#include <optional>

namespace writ {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

// RFC 3339 knows the years 0000 to 9999.
constexpr sys_time<microseconds> kFirst =
    sys_days{year_month_day{std::chrono::year{0}, std::chrono::month{1}, std::chrono::day{1}}};
constexpr sys_time<microseconds> kLast =
    sys_days{
        year_month_day{std::chrono::year{9999}, std::chrono::month{12}, std::chrono::day{31}}} +
    days{1} - microseconds{1};

std::unexpected<Error> malformed(std::string_view text) {
  return fail(Code::invalid_input, "`" + std::string(text.substr(0, 64)) + "` is no RFC 3339 time",
              "Write it like 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00");
}

// Reads fixed pieces off the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool one_of(std::string_view characters) {
    if (rest_.empty() || !characters.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<sys_days> read_date(Cursor& in) {
  const auto year = in.digits(4);
  if (!year || !in.one_of("-")) return std::nullopt;
  const auto month = in.digits(2);
  if (!month || !in.one_of("-")) return std::nullopt;
  const auto day = in.digits(2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year{*year},
                            std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<microseconds> read_hours_minutes(Cursor& in) {
  const auto hours = in.digits(2);
  if (!hours || *hours > 23 || !in.one_of(":")) return std::nullopt;
  const auto minutes = in.digits(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

// ".123456789": 0 to 9 digits; what is finer than a microsecond is cut off.
std::optional<microseconds> read_fraction(Cursor& in) {
  if (!in.one_of(".")) return microseconds{0};
  std::int64_t micros = 0;
  int count = 0;
  for (; in.peek() >= '0' && in.peek() <= '9'; ++count) {
    const int digit = *in.digits(1);
    if (count < 6) micros = micros * 10 + digit;
  }
  if (count == 0 || count > 9) return std::nullopt;
  for (; count < 6; ++count) micros *= 10;
  return microseconds{micros};
}

std::optional<microseconds> read_offset(Cursor& in) {
  if (in.one_of("Zz")) return microseconds{0};
  const bool west = in.peek() == '-';
  if (!in.one_of("+-")) return std::nullopt;
  const auto offset = read_hours_minutes(in);
  if (!offset) return std::nullopt;
  return west ? -*offset : *offset;
}

// Every event has a time: printf would cost more than the rest of its encoding.
void write_digits(std::string& out, std::size_t at, std::size_t count, int number) {
  for (std::size_t i = at + count; i-- > at; number /= 10) {
    out[i] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

WallTime SystemClock::wall() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<microseconds>(now).count()};
}

std::chrono::steady_clock::time_point SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

std::string to_rfc3339(WallTime time) {
  const sys_time<microseconds> at =
      std::clamp(sys_time<microseconds>{microseconds{time.micros}}, kFirst, kLast);
  const sys_days day = std::chrono::floor<days>(at);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  std::string out = "0000-00-00T00:00:00.000000Z";
  write_digits(out, 0, 4, static_cast<int>(date.year()));
  write_digits(out, 5, 2, static_cast<int>(static_cast<unsigned>(date.month())));
  write_digits(out, 8, 2, static_cast<int>(static_cast<unsigned>(date.day())));
  write_digits(out, 11, 2, static_cast<int>(clock.hours().count()));
  write_digits(out, 14, 2, static_cast<int>(clock.minutes().count()));
  write_digits(out, 17, 2, static_cast<int>(clock.seconds().count()));
  write_digits(out, 20, 6, static_cast<int>(clock.subseconds().count()));
  return out;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  Cursor in(text);
  const auto date = read_date(in);
  if (!date || !in.one_of("Tt ")) return malformed(text);
  const auto time = read_hours_minutes(in);
  if (!time || !in.one_of(":")) return malformed(text);
  const auto seconds = in.digits(2);
  // No leap seconds: :60 has no place in microseconds since the epoch.
  if (!seconds || *seconds > 59) return malformed(text);
  const auto fraction = read_fraction(in);
  if (!fraction) return malformed(text);
  const auto offset = read_offset(in);
  if (!offset || !in.at_end()) return malformed(text);
  const sys_time<microseconds> at =
      *date + *time + std::chrono::seconds{*seconds} + *fraction - *offset;
  return WallTime{at.time_since_epoch().count()};
}

}  // namespace writ
