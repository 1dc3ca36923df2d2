#include "contract/canonical.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"

namespace writ::contract {
namespace {

// Shortest digits d and exponent n with value = 0.d × 10^n, as ECMA-262 7.1.12.1 wants them.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal shortest_decimal(double number) {
  char buffer[32] = {};  // what atoi reads must end
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  Decimal out;
  for (const char c : text.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  const bool has_plus = text[e + 1] == '+';  // from_chars takes none
  std::from_chars(buffer + e + 1 + (has_plus ? 1 : 0), end, out.point);
  ++out.point;
  return out;
}

// UTF-8 orders as UTF-16 does, except that surrogate pairs (lead byte F0…F4) sort before
// U+E000…U+FFFF (lead bytes EE, EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (y == b.end()) return false;
  if (x == a.end()) return true;
  const auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xf0) return byte - 0xf0 + 0xee;
    return byte >= 0xee ? byte + 5 : int{byte};
  };
  return rank(*x) < rank(*y);
}

// RFC 8785 section 3.2.2.2: only what must be escaped is, the short forms where there are any.
void append_escape(std::string& out, char c) {
  constexpr std::string_view kShort = "btn\0fr";  // 08 09 0A 0B 0C 0D
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else if (byte >= 8 && byte <= 13 && byte != 11) {
    out += kShort[byte - 8];
  } else {
    out += "u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

Result<void> append_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t plain = json_plain_prefix(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return fail(Code::invalid_input, "a string is no valid UTF-8");
    if (length > 1) {
      out.append(text, 0, length);
    } else {
      append_escape(out, text[0]);
    }
    text.remove_prefix(length);
  }
  out += '"';
  return {};
}

// What a parser lets through is far below it.
constexpr int kDepthLimit = 1000;

Result<void> append(std::string& out, const Value& value, int depth);

Result<void> append_array(std::string& out, const Array& array, int depth) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i != 0) out += ',';
    WRIT_CHECK(append(out, array[i], depth));
  }
  out += ']';
  return {};
}

Result<void> append_object(std::string& out, const Object& object, int depth) {
  std::vector<const Member*> members;
  members.reserve(object.size());
  for (const Member& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const Member* a, const Member* b) { return utf16_less(a->key, b->key); });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i != 0) out += ',';
    WRIT_CHECK(append_string(out, members[i]->key));
    out += ':';
    WRIT_CHECK(append(out, members[i]->value, depth));
  }
  out += '}';
  return {};
}

Result<void> append(std::string& out, const Value& value, int depth) {
  if (depth > kDepthLimit) return fail(Code::invalid_input, "a value is nested too deeply");
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      return {};
    case Value::Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      return {};
    case Value::Kind::integer:
    case Value::Kind::real: {
      const double number = value.as_number();
      if (!std::isfinite(number)) return fail(Code::invalid_input, "a number is not finite");
      out += es6_number(number);
      return {};
    }
    case Value::Kind::string:
      return append_string(out, value.as_string());
    case Value::Kind::array:
      return append_array(out, value.as_array(), depth + 1);
    case Value::Kind::object:
      return append_object(out, value.as_object(), depth + 1);
  }
  return {};
}

}  // namespace

std::string es6_number(double number) {
  if (number == 0) return "0";
  if (std::abs(number) < 0x1p53 && std::trunc(number) == number) {
    return std::to_string(static_cast<std::int64_t>(number));
  }
  const std::string sign = number < 0 ? "-" : "";
  const Decimal d = shortest_decimal(std::abs(number));
  const int length = static_cast<int>(d.digits.size());
  if (d.point > 21 || d.point < -5) {
    const int exponent = d.point - 1;
    std::string out = sign + d.digits.substr(0, 1);
    if (length > 1) out += "." + d.digits.substr(1);
    return out + "e" + (exponent < 0 ? "-" : "+") + std::to_string(std::abs(exponent));
  }
  if (d.point >= length) {
    return sign + d.digits + std::string(static_cast<std::size_t>(d.point - length), '0');
  }
  if (d.point <= 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-d.point), '0') + d.digits;
  }
  const auto point = static_cast<std::size_t>(d.point);
  return sign + d.digits.substr(0, point) + "." + d.digits.substr(point);
}

Result<std::string> canonical_json(const Value& value) {
  std::string out;
  WRIT_CHECK(append(out, value, 0));
  return out;
}

}  // namespace writ::contract
