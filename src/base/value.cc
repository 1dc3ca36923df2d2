#include "base/value.h"

#include <algorithm>

namespace writ {

Object::Object() = default;
Object::Object(std::initializer_list<Member> members) : members_(members) {}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

bool Object::empty() const { return members_.empty(); }
std::size_t Object::size() const { return members_.size(); }
const Member* Object::begin() const { return members_.data(); }
const Member* Object::end() const { return members_.data() + members_.size(); }
Member* Object::begin() { return members_.data(); }
Member* Object::end() { return members_.data() + members_.size(); }

const Value* Object::find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value* Object::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

void Object::reserve(std::size_t members) { members_.reserve(members); }

Value& Object::set(std::string key, Value value) {
  if (Value* existing = find(key)) return *existing = std::move(value);
  return append(std::move(key), std::move(value));
}

Value& Object::append(std::string key, Value value, Position key_at) {
  members_.push_back({std::move(key), std::move(value), key_at});
  return members_.back().value;
}

bool Object::erase(std::string_view key) {
  return std::erase_if(members_, [&](const Member& m) { return m.key == key; }) != 0;
}

double Value::as_number() const {
  return is_integer() ? static_cast<double>(as_integer()) : std::get<double>(data_);
}

const Value* Value::find(std::string_view key) const {
  return is_object() ? as_object().find(key) : nullptr;
}

const Value* Value::at_path(std::initializer_list<std::string_view> keys) const {
  const Value* at = this;
  for (const std::string_view key : keys) {
    at = at->find(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string_view Value::string_or(std::string_view key, std::string_view fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_string() ? std::string_view(member->as_string())
                                                  : fallback;
}

std::int64_t Value::integer_or(std::string_view key, std::int64_t fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_integer() ? member->as_integer() : fallback;
}

bool Value::bool_or(std::string_view key, bool fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_bool() ? member->as_bool() : fallback;
}

namespace {

bool equal_numbers(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  if (a.is_integer() != b.is_integer()) {
    // Exact: a double that is integral and in range is compared as an integer.
    const std::int64_t n = a.is_integer() ? a.as_integer() : b.as_integer();
    const double d = a.is_integer() ? b.as_number() : a.as_number();
    return d >= -0x1p63 && d < 0x1p63 && static_cast<double>(static_cast<std::int64_t>(d)) == d &&
           static_cast<std::int64_t>(d) == n;
  }
  return a.as_number() == b.as_number();
}

bool equal_objects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  if (a.size() <= 16) {
    return std::all_of(a.begin(), a.end(), [&](const Member& m) {
      const Value* other = b.find(m.key);
      return other != nullptr && *other == m.value;
    });
  }
  const auto sorted = [](const Object& o) {
    std::vector<const Member*> members;
    for (const Member& m : o) members.push_back(&m);
    std::sort(members.begin(), members.end(),
              [](const Member* x, const Member* y) { return x->key < y->key; });
    return members;
  };
  const auto left = sorted(a);
  const auto right = sorted(b);
  return std::equal(left.begin(), left.end(), right.begin(), [](const Member* x, const Member* y) {
    return x->key == y->key && x->value == y->value;
  });
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::null:
      return true;
    case Value::Kind::boolean:
      return a.as_bool() == b.as_bool();
    case Value::Kind::string:
      return a.as_string() == b.as_string();
    case Value::Kind::array:
      return a.as_array() == b.as_array();
    case Value::Kind::object:
      return equal_objects(a.as_object(), b.as_object());
    case Value::Kind::integer:
    case Value::Kind::real:
      break;
  }
  return false;
}

std::string_view kind_name(Value::Kind kind) {
  constexpr std::string_view kNames[] = {"null",   "boolean", "integer", "number",
                                         "string", "array",   "object"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace writ
