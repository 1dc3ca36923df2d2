// Plain scalars of YAML 1.1 as Go's yaml.v2 resolves them.
#include <algorithm>
#include <charconv>

#include "policy/builtins/yaml_text.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::string_view kNulls[] = {"", "~", "null", "Null", "NULL"};
constexpr std::string_view kTrues[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                       "True", "TRUE", "on",  "On",  "ON"};
constexpr std::string_view kFalses[] = {"n",     "N",     "no",  "No",  "NO", "false",
                                        "False", "FALSE", "off", "Off", "OFF"};
constexpr std::string_view kNotFinite[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};

bool is_one_of(std::string_view text, const auto& words) {
  return std::ranges::find(words, text) != std::ranges::end(words);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// 0x1f, 0b101, 0o17 and 017.
std::optional<Term> based_number(std::string_view digits, bool negative) {
  if (digits.size() < 2 || digits[0] != '0') return std::nullopt;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const int base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
  digits.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, base);
  if (read.ec != std::errc() || read.ptr != end || digits.starts_with('-')) return std::nullopt;
  return Term::integer(negative ? -value : value);
}

// ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, as JSON spells it.
std::optional<std::string> decimal_number(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view exponent = text.substr(e);
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!whole.empty() && !is_digits(whole)) return std::nullopt;
  if (!fraction.empty() && !is_digits(fraction)) return std::nullopt;
  if (!exponent.empty()) {
    std::string_view digits = exponent.substr(1);
    if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
    if (!is_digits(digits)) return std::nullopt;
  }
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  std::string out(whole.empty() ? "0" : whole);
  if (!fraction.empty()) out.append(".").append(fraction);
  return out.append(exponent);
}

}  // namespace

Term plain_yaml_value(Arena& arena, std::string_view text) {
  if (is_one_of(text, kNulls)) return Term::null();
  if (is_one_of(text, kTrues)) return Term::boolean(true);
  if (is_one_of(text, kFalses)) return Term::boolean(false);
  std::string digits(text);
  if (text[0] != '_') std::erase(digits, '_');
  const bool negative = digits.starts_with('-');
  const bool has_sign = negative || digits.starts_with('+');
  const std::string_view bare = std::string_view(digits).substr(has_sign ? 1 : 0);
  if (is_one_of(bare, kNotFinite)) return {};
  if (const auto number = based_number(bare, negative)) return *number;
  const auto number = decimal_number(bare);
  if (!number) return make_string(arena, text);
  return make_number(arena, negative ? "-" + *number : *number);
}

}  // namespace writ::rego
