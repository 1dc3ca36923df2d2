#include "policy/builtins/go_float.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace writ::rego {
namespace {

std::string printed(const std::string& format, int precision, double value) {
  std::string out(
      static_cast<std::size_t>(std::snprintf(nullptr, 0, format.c_str(), precision, value)), '\0');
  std::snprintf(out.data(), out.size() + 1, format.c_str(), precision, value);
  return out;
}

std::string shortest(double value, std::chars_format format) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

// %g without precision has an exponent where the one of six digits would: 1e+06, but 123456.
std::string shortest_general(double value, bool sharp) {
  std::string out = shortest(value, std::chars_format::scientific);
  const auto e = out.find('e');
  const int exponent = std::atoi(out.c_str() + e + 1);
  const std::size_t digits = e - (out.starts_with('-') ? 1 : 0) - (out.contains('.') ? 1 : 0);
  if (sharp && digits < 6) return printed("%#.*g", 6, value);
  const bool has_exponent = exponent < -4 || exponent >= 6;
  return has_exponent ? out : shortest(value, std::chars_format::fixed);
}

// 0x1.8p+01: as C writes it, but for the two digits of the exponent.
std::string hexadecimal(double value, std::optional<int> precision, bool upper) {
  std::string out = precision ? printed("%.*a", *precision, value) : fmt::format("{:a}", value);
  const auto p = out.find('p');
  if (out.size() == p + 3) out.insert(p + 2, 1, '0');
  if (upper) {
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

std::string binary(double value) {
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);
  const auto mantissa = static_cast<long long>(std::ldexp(fraction, 53));
  return fmt::format("{}{}p{:+d}", std::signbit(value) ? "-" : "", mantissa,
                     mantissa == 0 ? -1074 : exponent - 53);
}

}  // namespace

std::string go_float(double value, char verb, std::optional<int> precision, bool sharp) {
  if (verb == 'b') return binary(value);
  if (verb == 'x' || verb == 'X') return hexadecimal(value, precision, verb == 'X');
  std::string out;
  if ((verb == 'g' || verb == 'G') && !precision) {
    out = shortest_general(value, sharp);
  } else {
    const char letter = verb == 'F' ? 'f' : verb == 'G' ? 'g' : verb == 'E' ? 'e' : verb;
    out = printed(std::string(sharp ? "%#.*" : "%.*") + letter, precision.value_or(6), value);
  }
  if (verb == 'E' || verb == 'G') {
    for (char& c : out) c = c == 'e' ? 'E' : c;
  }
  return out;
}

}  // namespace writ::rego
