// units.parse and units.parse_bytes: amounts with the prefixes of SI and of powers of 1024.
#include <algorithm>

#include "policy/builtins/families.h"
#include "policy/builtins/runes.h"
#include "policy/term/big_integer.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// A decimal number: digits × 10^exponent.
struct Amount {
  BigInteger digits;
  std::int64_t exponent = 0;
};

constexpr std::size_t kMostExponentDigits = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the number that `text` begins with ends and its unit begins. Nothing if its exponent is
// too long. An 'e' without a number behind it is a unit.
std::optional<std::size_t> number_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c) || c == '.' || c == '+' || c == '-') continue;
    if (c != 'e' && c != 'E') return i;
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (!is_digit(next) && next != '+' && next != '-') return i;
    if (!is_digit(next)) ++i;
    std::size_t digits = 0;
    while (i + 1 + digits < text.size() && is_digit(text[i + 1 + digits])) ++digits;
    if (digits > kMostExponentDigits) return std::nullopt;
  }
  return text.size();
}

bool take_digits(std::string_view& text, std::string& digits) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  digits += text.substr(0, count);
  text.remove_prefix(count);
  return count > 0;
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

// [+-]? digits and a point ([eE] [+-]? digits)?
std::optional<Amount> read_amount(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(kMostDigits)) return std::nullopt;
  Amount out;
  std::string digits;
  const bool negative = take_sign(text);
  take_digits(text, digits);
  const std::size_t whole = digits.size();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    take_digits(text, digits);
  }
  if (digits.empty()) return std::nullopt;
  out.exponent = -static_cast<std::int64_t>(digits.size() - whole);
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool shrinks = take_sign(text);
    std::string exponent;
    if (!take_digits(text, exponent)) return std::nullopt;
    const std::int64_t value = std::stoll(exponent);
    out.exponent += shrinks ? -value : value;
  }
  if (!text.empty()) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  out.digits = BigInteger(digits);
  if (negative) out.digits = -out.digits;
  return out;
}

struct Prefix {
  char letter;         // of K, Ki and so on, lower-case
  unsigned thousands;  // the power of 1000 or 1024
};
constexpr Prefix kPrefixes[] = {{'k', 1}, {'m', 2}, {'g', 3}, {'t', 4}, {'p', 5}, {'e', 6}};

// The factor of "k", "ki" and so on; 0 if there is none.
BigInteger factor_of(std::string_view unit) {
  if (unit.empty()) return 1;
  const auto found = std::ranges::find(kPrefixes, unit[0], &Prefix::letter);
  if (found == std::end(kPrefixes)) return 0;
  if (unit.size() == 1) return pow(BigInteger(1000), found->thousands);
  if (unit.size() != 2 || unit[1] != 'i') return 0;
  return pow(BigInteger(1024), found->thousands);
}

std::string lower(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(first_rune(text).length)) {
    append_rune(out, to_lower(first_rune(text).code));
  }
  return out;
}

// A text taken apart. Without a number the error has been prepared.
struct Parts {
  std::optional<Amount> amount;
  std::string unit;
};

// `what`: what the builtin calls an amount.
Parts take_apart(Call& call, std::string text, std::string_view what) {
  std::erase(text, '"');
  Parts parts;
  const auto end = number_end(text);
  if (text.contains(' ')) {
    call.error("spaces not allowed in resource strings");
  } else if (!end) {
    call.error("exponent too large");
  } else if (*end == 0) {
    call.error("no " + std::string(what) + " provided");
  } else {
    parts.unit = text.substr(*end);
    parts.amount = read_amount(std::string_view(text).substr(0, *end));
    if (!parts.amount) {
      call.error("could not parse " + std::string(what) + " to a number");
    } else if (std::abs(parts.amount->exponent) > kMostDigits) {
      parts.amount.reset();
      call.error("exponent too large");
    }
  }
  return parts;
}

struct Fraction {
  BigInteger above;
  BigInteger below = 1;
};

Fraction times(const Amount& amount, const Fraction& factor) {
  Fraction out{amount.digits * factor.above, factor.below};
  const BigInteger scale = pow(BigInteger(10), static_cast<unsigned>(std::abs(amount.exponent)));
  (amount.exponent < 0 ? out.below : out.above) *= scale;
  return out;
}

// Ten digits behind the point, half away from zero.
std::string decimal_text(const Fraction& value) {
  const BigInteger scaled =
      (abs(value.above) * 20'000'000'000ULL + value.below) / (2 * value.below);
  std::string digits = scaled.str();
  if (digits.size() < 11) digits.insert(0, 11 - digits.size(), '0');
  digits.insert(digits.size() - 10, 1, '.');
  return value.above < 0 ? '-' + digits : digits;
}

Outcome parse(Call& call) {
  Parts parts = take_apart(call, std::string(call.arg(0).text()), "amount");
  if (!parts.amount) return call.failed();
  // 'm' is a thousandth, 'M' a million; otherwise letters may be large or small.
  std::string unit = parts.unit;
  if (unit.size() > 1) unit = unit.substr(0, 1) + lower(unit.substr(1));
  Fraction factor{1, 1000};
  if (unit != "m") factor = {factor_of(lower(unit)), 1};
  if (factor.above == 0) return call.error("unit " + unit + " not recognized");
  const Fraction value = times(*parts.amount, factor);
  if (value.above % value.below == 0) {
    return make_number(call.arena(), BigInteger(value.above / value.below));
  }
  return make_number(call.arena(), decimal_text(value));
}

Outcome parse_bytes(Call& call) {
  Parts parts = take_apart(call, lower(call.arg(0).text()), "byte amount");
  if (!parts.amount) return call.failed();
  std::string_view unit = parts.unit;
  if (unit.size() > 1 && unit.ends_with('b')) unit.remove_suffix(1);
  const BigInteger factor = factor_of(unit);
  if (factor == 0) return call.error("byte unit " + parts.unit + " not recognized");
  const Fraction value = times(*parts.amount, {factor, 1});
  return make_number(call.arena(), BigInteger(value.above / value.below));
}

constexpr std::string_view kParse = "(x: string) => (y: number)";
constexpr Builtin kUnits[] = {
    {"units.parse", kParse, &parse},
    {"units.parse_bytes", kParse, &parse_bytes},
};

}  // namespace

std::span<const Builtin> unit_builtins() { return kUnits; }

}  // namespace writ::rego
