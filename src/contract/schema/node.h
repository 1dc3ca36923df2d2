#pragma once
// The instance as the interpreter sees it: anything with the members of ValueNode. A second
// representation is the parsed bytes of contract/byte_validator.cc.
#include <cstddef>
#include <string_view>

#include "base/value.h"
#include "contract/schema/number.h"

namespace writ::contract {

class ValueNode {
 public:
  explicit ValueNode(const Value& value) : value_(&value) {}

  Value::Kind kind() const { return value_->kind(); }
  bool boolean() const { return value_->as_bool(); }
  Number number() const {
    return value_->is_integer() ? Number::of(value_->as_integer())
                                : Number::of(value_->as_number());
  }
  std::string_view string() const { return value_->as_string(); }
  std::size_t item_count() const { return value_->as_array().size(); }
  std::size_t member_count() const { return value_->as_object().size(); }

  // f(item) -> bool for each item until it answers false; whether it never did.
  template <typename F>
  bool each_item(F&& f) const {
    for (const Value& item : value_->as_array()) {
      if (!f(ValueNode(item))) return false;
    }
    return true;
  }
  // f(key, value) -> bool, likewise.
  template <typename F>
  bool each_member(F&& f) const {
    for (const Member& member : value_->as_object()) {
      if (!f(std::string_view(member.key), ValueNode(member.value))) return false;
    }
    return true;
  }

 private:
  const Value* value_;
};

// A property's name as an instance.
class NameNode {
 public:
  explicit NameNode(std::string_view name) : name_(name) {}

  Value::Kind kind() const { return Value::Kind::string; }
  bool boolean() const { return false; }
  Number number() const { return {}; }
  std::string_view string() const { return name_; }
  std::size_t item_count() const { return 0; }
  std::size_t member_count() const { return 0; }
  template <typename F>
  bool each_item(F&&) const {
    return true;
  }
  template <typename F>
  bool each_member(F&&) const {
    return true;
  }

 private:
  std::string_view name_;
};

}  // namespace writ::contract
