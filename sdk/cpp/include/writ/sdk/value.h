#pragma once
// The JSON that decisions are asked with and answered by.
//
//   const Value input = Object{{"subject", Object{{"id", "ada"}, {"roles", Array{"nurse"}}}},
//                              {"action", "read"}};
//   const Value* level = decision.result->find("level");
//
// A regular value type: copies are deep, concurrent reads are fine. Look-ups never fail: they give
// nothing where there is nothing of that kind. Texts are UTF-8; whoever gives other bytes, or a
// number that is not finite, gets invalid_input from the call that the value is used in.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <writ/sdk/result.h>

namespace writ::sdk {

class Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value, std::less<>>;

class Value {
 public:
  Value() = default;  // null
  Value(std::nullptr_t) {}
  // Not from pointers.
  template <std::same_as<bool> T>
  Value(T b) : data_(b) {}
  // Beyond the range of int64: the nearest double.
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T n) {
    if (std::in_range<std::int64_t>(n)) {
      data_ = static_cast<std::int64_t>(n);
    } else {
      data_ = static_cast<double>(n);
    }
  }
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  // Errors: invalid_input (no JSON, with the position; nested too deeply).
  static Result<Value> parse(std::string_view json);
  // Compact, members sorted. What is no JSON (above) becomes U+FFFD or null.
  std::string to_json() const;

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  // Exactly `true`: nothing else counts as consent.
  bool is_true() const { return boolean().value_or(false); }

  std::optional<bool> boolean() const;
  // A whole number that fits.
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  // Of this value; nullptr where it is something else.
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  // The member of an object; nullptr where there is none, or no object.
  const Value* find(std::string_view key) const;

  // 1 equals 1.0.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

}  // namespace writ::sdk
