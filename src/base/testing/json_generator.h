#pragma once
// Arbitrary JSON values for property tests (rapidcheck): all kinds, awkward strings and keys,
// at most four levels deep.
#include <gtest/gtest.h>
// Needs gtest before it.
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>

#include "base/value.h"

namespace writ {

// Well-formed UTF-8 with what parsers stumble over: quotes, breaks, indicators, wide characters.
inline rc::Gen<std::string> json_text() {
  using rc::gen::element;
  const auto piece = element<std::string>(
      "a", "Z", "0", "9", " ", "  ", "\t", "\n", "\r", "\r\n", "\"", "'", "\\", ":", ": ", "- ",
      "? ", "#", " #", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "%", "@", "`", "~", "null",
      "true", "yes", "0x1", "0o7", "1e3", ".5", "+1", "-", ".inf", "---", "...", "<<", "=", "é",
      "€", "😀", "\xc2\x85", "\xe2\x80\xa8", "\xef\xbb\xbf", "\x7f", "\x01", std::string(1, '\0'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string out;
                        for (const std::string& p : pieces) out += p;
                        return out;
                      });
}

inline rc::Gen<Value> json_scalar() {
  return rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return Value(n); }),
      rc::gen::map(rc::gen::suchThat(rc::gen::arbitrary<double>(),
                                     [](double d) { return std::isfinite(d); }),
                   [](double d) { return Value(d); }),
      rc::gen::map(json_text(), [](std::string s) { return Value(std::move(s)); }));
}

inline rc::Gen<Value> json_value(int depth = 4) {
  if (depth == 0) return json_scalar();
  const auto items = rc::gen::scale(
      0.2, rc::gen::container<std::vector<std::pair<std::string, Value>>>(
               rc::gen::pair(json_text(), rc::gen::lazy([=] { return json_value(depth - 1); }))));
  const auto array = rc::gen::map(items, [](std::vector<std::pair<std::string, Value>> pairs) {
    Array out;
    for (auto& pair : pairs) out.push_back(std::move(pair.second));
    return Value(std::move(out));
  });
  const auto object = rc::gen::map(items, [](std::vector<std::pair<std::string, Value>> pairs) {
    Object out;
    for (auto& pair : pairs) out.set(std::move(pair.first), std::move(pair.second));
    return Value(std::move(out));
  });
  return rc::gen::weightedOneOf<Value>({{2, json_scalar()}, {1, array}, {1, object}});
}

}  // namespace writ

template <>
struct rc::Arbitrary<writ::Value> {
  static rc::Gen<writ::Value> arbitrary() { return writ::json_value(); }
};
