#include <writ/sdk/value.h>

#include <cmath>

#include "base/json.h"
#include "convert.h"
#include "policy/term/arena.h"
#include "policy/term/json.h"

namespace writ::sdk {
namespace {

// 2^63, the first double that is too large.
constexpr double kBeyondInteger = 9223372036854775808.0;

void append(std::string& out, const Value& value);

void append_array(std::string& out, const Array& array) {
  out += '[';
  for (const Value& item : array) {
    if (out.back() != '[') out += ',';
    append(out, item);
  }
  out += ']';
}

void append_object(std::string& out, const Object& object) {
  out += '{';
  for (const auto& [key, value] : object) {
    if (out.back() != '{') out += ',';
    append_json_string(out, key);
    out += ':';
    append(out, value);
  }
  out += '}';
}

void append(std::string& out, const Value& value) {
  if (const auto b = value.boolean()) {
    out += *b ? "true" : "false";
  } else if (const std::string* const text = value.text()) {
    append_json_string(out, *text);
  } else if (const Array* const array = value.array()) {
    append_array(out, *array);
  } else if (const Object* const object = value.object()) {
    append_object(out, *object);
  } else if (const auto integer = value.integer()) {
    out += std::to_string(*integer);
  } else if (const auto number = value.number(); number && std::isfinite(*number)) {
    out += writ::to_json(writ::Value(*number));
  } else {
    out += "null";
  }
}

}  // namespace

Result<Value> Value::parse(std::string_view json) {
  rego::Arena arena;
  const auto term = rego::parse_json(arena, json);
  if (!term) return std::unexpected(to_error(term.error()));
  return value_of(*term);
}

std::string Value::to_json() const {
  std::string out;
  append(out, *this);
  return out;
}

std::optional<bool> Value::boolean() const {
  if (const bool* const b = std::get_if<bool>(&data_)) return *b;
  return std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  if (const auto* const n = std::get_if<std::int64_t>(&data_)) return *n;
  const double* const d = std::get_if<double>(&data_);
  if (d == nullptr || *d < -kBeyondInteger || *d >= kBeyondInteger || std::trunc(*d) != *d) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*d);
}

std::optional<double> Value::number() const {
  if (const auto* const n = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*n);
  if (const double* const d = std::get_if<double>(&data_)) return *d;
  return std::nullopt;
}

const Value* Value::find(std::string_view key) const {
  const Object* const members = object();
  if (members == nullptr) return nullptr;
  const auto at = members->find(key);
  return at == members->end() ? nullptr : &at->second;
}

bool operator==(const Value& a, const Value& b) {
  const auto whole_a = a.integer();
  const auto whole_b = b.integer();
  if (whole_a && whole_b) return *whole_a == *whole_b;
  return a.data_ == b.data_;
}

}  // namespace writ::sdk
