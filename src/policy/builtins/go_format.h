#pragma once
// What Go's fmt.Sprintf makes of a format and arguments, faults included: "%!d(string=x)".
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "policy/builtins/bounded_text.h"

namespace writ::rego {

struct GoValue {
  enum class Type : std::uint8_t { boolean, integer, big_integer, real, string };
  Type type = Type::string;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;  // of a string or boolean; the decimal digits of a big integer
  std::string_view type_name = "string";

  static GoValue of(std::int64_t n) { return {Type::integer, n, 0, {}, "int"}; }
  static GoValue of(double d) { return {Type::real, 0, d, {}, "float64"}; }
  static GoValue of(std::string text) { return {Type::string, 0, 0, std::move(text), "string"}; }
  static GoValue big(std::string digits) {
    return {Type::big_integer, 0, 0, std::move(digits), "*big.Int"};
  }
};

// Appends to `out`; false when the call is to end.
bool go_format(BoundedText& out, std::string_view format, std::span<const GoValue> args);

// `text` as Go's strconv.Quote writes it; `ascii`: with everything else escaped.
std::string go_quote(std::string_view text, char quote = '"', bool ascii = false);

}  // namespace writ::rego
