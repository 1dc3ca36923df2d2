#include "base/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace writ {
namespace {

// Beyond every exponent of a double, and no lexeme has as many digits.
constexpr std::int64_t kHugeExponent = 1'000'000'000'000;

std::int64_t exponent_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc()) return negative ? -kHugeExponent : kHugeExponent;
  return std::clamp(exponent, -kHugeExponent, kHugeExponent);
}

// from_chars answers the same for what is too large and for what is too small: this tells them
// apart by the place of the first digit that is not zero.
bool is_below_one(std::string_view lexeme) {
  if (lexeme.starts_with('-')) lexeme.remove_prefix(1);
  const std::size_t e = lexeme.find_first_of("eE");
  const std::int64_t exponent = e == lexeme.npos ? 0 : exponent_of(lexeme.substr(e + 1));
  const std::string_view mantissa = lexeme.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  // 10^0 stands directly before the point.
  const std::int64_t magnitude = first < point ? point - first - 1 : point - first;
  return magnitude + exponent < 0;
}

}  // namespace

std::optional<Value> decimal_value(std::string_view lexeme) {
  const char* const end = lexeme.data() + lexeme.size();
  if (lexeme.find_first_of(".eE") == lexeme.npos) {
    std::int64_t number = 0;
    if (std::from_chars(lexeme.data(), end, number).ec == std::errc()) return Value(number);
  }
  double number = 0;
  const std::errc error = std::from_chars(lexeme.data(), end, number).ec;
  if (error == std::errc()) return Value(number);
  if (is_below_one(lexeme)) return Value(0.0);
  return std::nullopt;
}

}  // namespace writ
