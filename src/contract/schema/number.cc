#include "contract/schema/number.h"

#include <charconv>
#include <cmath>

namespace writ::contract {
namespace {

__extension__ using Wide = unsigned __int128;

// Exact: the double is split at the point before it is compared with the integer.
std::partial_ordering compare_mixed(std::int64_t n, double d) {
  if (std::isnan(d)) return std::partial_ordering::unordered;
  if (d >= 0x1p63) return std::partial_ordering::less;
  if (d < -0x1p63) return std::partial_ordering::greater;
  const double whole = std::trunc(d);
  const auto truncated = static_cast<std::int64_t>(whole);
  if (n != truncated) return n <=> truncated;
  return 0.0 <=> (d - whole);
}

// 10^power mod m, for m < 2^64.
Wide power_of_ten_mod(int power, std::uint64_t m) {
  Wide result = 1 % m;
  Wide square = 10 % m;
  for (; power > 0; power /= 2) {
    if (power % 2 == 1) result = result * square % m;
    square = square * square % m;
  }
  return result;
}

}  // namespace

bool Number::is_integral() const {
  return is_integer || (std::isfinite(real) && std::trunc(real) == real);
}

std::partial_ordering compare(const Number& a, const Number& b) {
  if (a.is_integer && b.is_integer) return a.integer <=> b.integer;
  if (!a.is_integer && !b.is_integer) return a.real <=> b.real;
  if (a.is_integer) return compare_mixed(a.integer, b.real);
  return 0 <=> compare_mixed(b.integer, a.real);
}

Decimal to_decimal(const Number& n) {
  if (n.is_integer) {
    const auto bits = static_cast<std::uint64_t>(n.integer);
    return {n.integer < 0 ? 0 - bits : bits, 0};
  }
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, std::fabs(n.real), std::chars_format::scientific);
  Decimal decimal;
  if (error != std::errc()) return decimal;
  int after_point = 0;
  bool seen_point = false;
  const char* at = text;
  for (; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      seen_point = true;
      continue;
    }
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
    if (seen_point) ++after_point;
  }
  if (at != end) ++at;                // e
  if (at != end && *at == '+') ++at;  // from_chars takes no plus sign
  std::from_chars(at, end, decimal.exponent);
  decimal.exponent -= after_point;
  return decimal;
}

bool is_multiple(const Number& n, const Decimal& divisor) {
  if (!n.is_integer && !std::isfinite(n.real)) return false;
  const Decimal value = to_decimal(n);
  if (value.digits == 0) return true;
  if (divisor.digits == 0) return false;
  const int shift = value.exponent - divisor.exponent;
  if (shift >= 0) {
    return value.digits % divisor.digits * power_of_ten_mod(shift, divisor.digits) %
               divisor.digits ==
           0;
  }
  // value / (digits * 10^-shift): beyond 10^20 the divisor is larger than any value's digits.
  if (-shift > 19) return false;
  Wide scaled = divisor.digits;
  for (int i = 0; i < -shift; ++i) scaled *= 10;
  return value.digits % scaled == 0;
}

}  // namespace writ::contract
