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

  // Cursors over the items and the members: while (!c.done()) { … c.next(); }
  class Items {
   public:
    explicit Items(const Array& array) : at_(array.data()), end_(at_ + array.size()) {}
    bool done() const { return at_ == end_; }
    void next() { ++at_; }
    ValueNode value() const { return ValueNode(*at_); }

   private:
    const Value* at_;
    const Value* end_;
  };
  class Members {
   public:
    explicit Members(const Object& object) : at_(object.begin()), end_(object.end()) {}
    bool done() const { return at_ == end_; }
    void next() { ++at_; }
    std::string_view key() const { return at_->key; }
    ValueNode value() const { return ValueNode(at_->value); }

   private:
    const Member* at_;
    const Member* end_;
  };
  Items items() const { return Items(value_->as_array()); }
  Members members() const { return Members(value_->as_object()); }

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
  struct Nothing {
    bool done() const { return true; }
    void next() {}
    std::string_view key() const { return {}; }
    NameNode value() const { return NameNode({}); }
  };
  Nothing items() const { return {}; }
  Nothing members() const { return {}; }

 private:
  std::string_view name_;
};

}  // namespace writ::contract
