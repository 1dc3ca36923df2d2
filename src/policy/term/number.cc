#include "policy/term/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "policy/term/big_integer.h"
#include "policy/term/maker.h"

namespace writ::rego {
namespace {

// A decimal taken apart: ±0.d1d2d3… × 10^exponent, d1 and the last digit not zero. The digits
// are those of `whole` followed by those of `fraction`. Zero has no digits.
struct Decimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;

  std::size_t digits() const { return whole.size() + fraction.size(); }
  char digit(std::size_t i) const {
    return i < whole.size() ? whole[i] : fraction[i - whole.size()];
  }
};

constexpr std::int64_t kFarExponent = 1'000'000'000'000;

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kFarExponent);
  return negative ? -value : value;
}

// Takes zeros off both ends of the digits.
void normalize(Decimal& d) {
  while (d.whole.starts_with('0')) d.whole.remove_prefix(1);
  d.exponent += static_cast<std::int64_t>(d.whole.size());
  if (d.whole.empty()) {
    while (d.fraction.starts_with('0')) {
      d.fraction.remove_prefix(1);
      --d.exponent;
    }
  }
  while (d.fraction.ends_with('0')) d.fraction.remove_suffix(1);
  if (d.fraction.empty()) {
    while (d.whole.ends_with('0')) d.whole.remove_suffix(1);
  }
  if (d.digits() == 0) d = Decimal{};
}

Decimal take_apart(std::string_view text) {
  Decimal d;
  d.negative = text.starts_with('-');
  if (d.negative) text.remove_prefix(1);
  if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
    d.exponent = read_exponent(text.substr(e + 1));
    text = text.substr(0, e);
  }
  const auto point = text.find('.');
  d.whole = text.substr(0, point);
  if (point != std::string_view::npos) d.fraction = text.substr(point + 1);
  normalize(d);
  return d;
}

// The text of any number, in `buffer` if it has none of its own.
using Buffer = std::array<char, 24>;
std::string_view text_of(const Term& number, Buffer& buffer) {
  if (!number.is_small_integer()) return number.number_text();
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number.as_small_integer()).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

std::strong_ordering compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.digits() == 0 || b.digits() == 0) return a.digits() <=> b.digits();
  if (a.exponent != b.exponent) return a.exponent <=> b.exponent;
  const std::size_t common = std::min(a.digits(), b.digits());
  for (std::size_t i = 0; i < common; ++i) {
    if (a.digit(i) != b.digit(i)) return a.digit(i) <=> b.digit(i);
  }
  return a.digits() <=> b.digits();
}

bool is_whole(const Decimal& d) { return d.exponent >= static_cast<std::int64_t>(d.digits()); }

// Whether `text` is how std::to_chars spells an int64, and which.
std::optional<std::int64_t> plain_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value == 0 && text.starts_with('-')) return std::nullopt;
  return value;
}

// Of a decimal that is whole: its digits with the zeros that follow them.
std::string whole_digits(const Decimal& d) {
  std::string out = d.negative ? "-" : "";
  out.append(d.whole).append(d.fraction);
  out.append(static_cast<std::size_t>(d.exponent) - d.digits(), '0');
  return d.digits() == 0 ? "0" : out;
}

bool skip_digits(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  return text.size() < before;
}

}  // namespace

bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!skip_digits(text)) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

Term make_number(Arena& arena, std::string_view text) {
  if (const auto integer = plain_integer(text)) return Term::integer(*integer);
  return TermMaker::copying(arena, Kind::number, text);
}

std::string number_text(const Term& number) {
  Buffer buffer;
  return std::string(text_of(number, buffer));
}

void append_number(std::string& out, const Term& number) {
  Buffer buffer;
  out += text_of(number, buffer);
}

bool is_integral(const Term& number) {
  return number.is_small_integer() || is_whole(take_apart(number.number_text()));
}

std::optional<std::int64_t> to_int64(const Term& number) {
  if (number.is_small_integer()) return number.as_small_integer();
  const Decimal d = take_apart(number.number_text());
  if (!is_whole(d) || d.exponent > 19) return std::nullopt;
  return plain_integer(whole_digits(d));
}

long double to_real(const Term& number) {
  if (number.is_small_integer()) return static_cast<long double>(number.as_small_integer());
  return std::strtold(std::string(number.number_text()).c_str(), nullptr);
}

double to_double(const Term& number) {
  if (number.is_small_integer()) return static_cast<double>(number.as_small_integer());
  return std::strtod(std::string(number.number_text()).c_str(), nullptr);
}

Term make_real(Arena& arena, long double value) {
  if (std::trunc(value) == value && std::fabs(value) < 9.2e18L) {
    return Term::integer(static_cast<std::int64_t>(value));
  }
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view shortest(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (std::trunc(value) == value) return make_number(arena, whole_digits(take_apart(shortest)));
  // As Go's 'g': an exponent below -4 stays one.
  const std::int64_t exponent = take_apart(shortest).exponent - 1;
  if (exponent < -4) return make_number(arena, shortest);
  const auto fixed =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
          .ptr;
  return make_number(arena, {buffer.data(), static_cast<std::size_t>(fixed - buffer.data())});
}

std::strong_ordering compare_numbers(const Term& a, const Term& b) {
  if (a.is_small_integer() && b.is_small_integer()) {
    return a.as_small_integer() <=> b.as_small_integer();
  }
  Buffer buffer_a;
  Buffer buffer_b;
  const Decimal x = take_apart(text_of(a, buffer_a));
  const Decimal y = take_apart(text_of(b, buffer_b));
  if (x.negative != y.negative) {
    return x.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return x.negative ? compare_magnitudes(y, x) : compare_magnitudes(x, y);
}

std::uint32_t hash_number(const Term& number) {
  if (const auto integer = to_int64(number)) return hash_of(Term::integer(*integer));
  const Decimal d = take_apart(number.number_text());
  std::uint64_t h = static_cast<std::uint64_t>(d.exponent) * 2 + (d.negative ? 1 : 0);
  for (std::size_t i = 0; i < d.digits(); ++i) {
    h = (h ^ static_cast<std::uint64_t>(d.digit(i))) * 0x100000001b3ULL;
  }
  return static_cast<std::uint32_t>(h ^ (h >> 32));
}

std::optional<BigInteger> to_big_integer(const Term& number) {
  if (number.is_small_integer()) return BigInteger(number.as_small_integer());
  const Decimal d = take_apart(number.number_text());
  if (!is_whole(d) || d.exponent > kMostDigits) return std::nullopt;
  return BigInteger(whole_digits(d));
}

Term make_number(Arena& arena, const BigInteger& value) { return make_number(arena, value.str()); }

}  // namespace writ::rego
