#include "base/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

#include "base/decimal.h"

namespace writ {
namespace {

constexpr std::string_view kNulls[] = {"", "~", "null", "Null", "NULL"};
constexpr std::string_view kTrues[] = {"true", "True", "TRUE"};
constexpr std::string_view kFalses[] = {"false", "False", "FALSE"};
constexpr std::string_view kNotFinite[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
constexpr std::string_view kDigits = "0123456789";

bool is_one_of(std::string_view text, const auto& words) {
  return std::ranges::find(words, text) != std::ranges::end(words);
}

bool is_all(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text;
}

// ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   (YAML 1.2.2 section 10.3.2)
bool is_unsigned_float(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  if (e != text.npos && !is_all(without_sign(text.substr(e + 1)), kDigits)) return false;
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = mantissa.find('.');
  if (point == mantissa.npos) return is_all(mantissa, kDigits);
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = mantissa.substr(point + 1);
  if (whole.empty()) return is_all(fraction, kDigits);
  return is_all(whole, kDigits) && (fraction.empty() || is_all(fraction, kDigits));
}

// 0x… and 0o…, which have no sign.
PlainScalar read_based(std::string_view digits, int base) {
  std::uint64_t number = 0;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), number, base).ec;
  if (error != std::errc()) return {std::nullopt, "is too large for a number"};
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return {Value(static_cast<double>(number))};
  }
  return {Value(number)};
}

}  // namespace

PlainScalar read_plain_scalar(std::string_view text) {
  if (is_one_of(text, kNulls)) return {Value()};
  if (is_one_of(text, kTrues)) return {Value(true)};
  if (is_one_of(text, kFalses)) return {Value(false)};
  if (text.starts_with("0x") && is_all(text.substr(2), "0123456789abcdefABCDEF")) {
    return read_based(text.substr(2), 16);
  }
  if (text.starts_with("0o") && is_all(text.substr(2), "01234567")) {
    return read_based(text.substr(2), 8);
  }
  const std::string_view bare = without_sign(text);
  if (is_one_of(bare, kNotFinite)) return {std::nullopt, "is no finite number, which JSON lacks"};
  if (!is_unsigned_float(bare)) return {Value(text)};
  auto number = decimal_value(text.starts_with('+') ? bare : text);
  if (!number) return {std::nullopt, "is too large for a double"};
  return {std::move(number)};
}

}  // namespace writ
