#pragma once
// The JSON data model with positions: what a user's document, a stored row and an API body are
// while Writ looks at them. Parsed by base/json.h and base/yaml.h, compiled into typed structs by
// the modules; hot paths use their own structs.
//
// A Value is a regular value type (copy, move). Objects keep document order and have unique keys.
// Numbers: a JSON integer that fits int64 is `integer`; everything else is `real`.
// Thread-safety: as for any value; concurrent reads are fine.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/position.h"

namespace writ {

class Value;
struct Member;

using Array = std::vector<Value>;

// Members in document order.
class Object {
 public:
  Object();
  Object(std::initializer_list<Member> members);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  bool empty() const;
  std::size_t size() const;
  const Member* begin() const;
  const Member* end() const;
  Member* begin();
  Member* end();

  // nullptr when absent. Linear; bulk work over wide objects builds its own index.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  // Room for so many members, where many are about to be appended.
  void reserve(std::size_t members);
  // Appends, or replaces the value of an existing key.
  Value& set(std::string key, Value value);
  // Appends without looking for the key. Requires: the key is new.
  Value& append(std::string key, Value value, Position key_at = {});
  bool erase(std::string_view key);

 private:
  std::vector<Member> members_;
};

class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, object };

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Value(T n) : data_(static_cast<std::int64_t>(n)) {}
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_bool() const { return kind() == Kind::boolean; }
  bool is_integer() const { return kind() == Kind::integer; }
  bool is_number() const { return kind() == Kind::integer || kind() == Kind::real; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }

  // Require the kind.
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }
  double as_number() const;  // integer or real
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const Array& as_array() const { return std::get<Array>(data_); }
  Array& as_array() { return std::get<Array>(data_); }
  const Object& as_object() const { return std::get<Object>(data_); }
  Object& as_object() { return std::get<Object>(data_); }

  // Look-ups that accept any kind: nullptr when this is no object or has no such member.
  const Value* find(std::string_view key) const;
  // By keys through nested objects: at_path({"module", "repo", "base"}).
  const Value* at_path(std::initializer_list<std::string_view> keys) const;
  // The member's string, or `fallback` when it is absent or no string.
  std::string_view string_or(std::string_view key, std::string_view fallback) const;
  std::int64_t integer_or(std::string_view key, std::int64_t fallback) const;
  bool bool_or(std::string_view key, bool fallback) const;

  Position at() const { return at_; }
  void set_at(Position at) { at_ = at; }

  // Equality of the JSON data: 1 equals 1.0, member order and positions do not count.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
  Position at_;
};

struct Member {
  std::string key;
  Value value;
  Position key_at = {};
};

// "object", "integer", …: how error messages name a kind.
std::string_view kind_name(Value::Kind kind);

}  // namespace writ
