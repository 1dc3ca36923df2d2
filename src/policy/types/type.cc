#include "policy/types/type.h"

#include <algorithm>

#include "policy/term/print.h"

namespace writ::rego::types {
namespace {

using Form = Shape::Form;

Shape scalar(Form form) {
  Shape out;
  out.form = form;
  return out;
}

std::strong_ordering compare_lists(const std::vector<Type>& a, const std::vector<Type>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const auto order = compare(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering compare_fields(const Shape& a, const Shape& b) {
  for (std::size_t i = 0; i < std::min(a.fields.size(), b.fields.size()); ++i) {
    if (const auto order = rego::compare(a.fields[i].key, b.fields[i].key); order != 0) {
      return order;
    }
    if (const auto order = compare(a.fields[i].type, b.fields[i].type); order != 0) return order;
  }
  return a.fields.size() <=> b.fields.size();
}

void append_list(std::string& out, const std::vector<Type>& types) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i > 0) out += ", ";
    out += to_text(types[i]);
  }
}

std::string object_text(const Shape& object) {
  std::string out = "object";
  for (std::size_t i = 0; i < object.fields.size(); ++i) {
    const Term& key = object.fields[i].key;
    out += i == 0 ? "<" : ", ";
    out += key.is_string() ? std::string(key.text()) : to_rego(key);
    out += ": " + to_text(object.fields[i].type);
  }
  if (!object.fields.empty()) out += ">";
  if (object.is_open) out += "[" + to_text(object.key) + ": " + to_text(object.rest) + "]";
  return out;
}

}  // namespace

const StaticField* Shape::field(const Term& name) const {
  const auto found = std::ranges::lower_bound(
      fields, name, [](const Term& a, const Term& b) { return a < b; }, &StaticField::key);
  return found != fields.end() && found->key == name ? &*found : nullptr;
}

Type anything() {
  static const Shape kNode = scalar(Form::any);
  return &kNode;
}
Type null() {
  static const Shape kNode = scalar(Form::null);
  return &kNode;
}
Type boolean() {
  static const Shape kNode = scalar(Form::boolean);
  return &kNode;
}
Type number() {
  static const Shape kNode = scalar(Form::number);
  return &kNode;
}
Type string() {
  static const Shape kNode = scalar(Form::string);
  return &kNode;
}

Type of_scalar(const Term& value) {
  switch (value.kind()) {
    case Kind::null:
      return null();
    case Kind::boolean:
      return boolean();
    case Kind::number:
      return number();
    case Kind::string:
      return string();
    default:
      return nullptr;
  }
}

std::strong_ordering compare(Type a, Type b) {
  if (a == b) return std::strong_ordering::equal;
  if (a == nullptr) return std::strong_ordering::less;
  if (b == nullptr) return std::strong_ordering::greater;
  if (a->form != b->form) return a->form <=> b->form;
  switch (a->form) {
    case Form::array:
      if ((a->rest != nullptr) != (b->rest != nullptr)) {
        return (a->rest != nullptr) <=> (b->rest != nullptr);
      }
      if (const auto order = compare(a->rest, b->rest); order != 0) return order;
      return compare_lists(a->parts, b->parts);
    case Form::object:
      if (a->is_open != b->is_open) return a->is_open <=> b->is_open;
      if (const auto order = compare(a->key, b->key); order != 0) return order;
      if (const auto order = compare(a->rest, b->rest); order != 0) return order;
      return compare_fields(*a, *b);
    case Form::set:
      return compare(a->rest, b->rest);
    case Form::any:
      return compare_lists(a->parts, b->parts);
    case Form::function:
      if (a->parts.size() != b->parts.size()) return a->parts.size() <=> b->parts.size();
      if (const auto order = compare_lists(a->parts, b->parts); order != 0) return order;
      return compare(a->rest, b->rest);
    default:
      return std::strong_ordering::equal;
  }
}

std::string to_text(Type type) {
  if (type == nullptr) return "???";
  std::string out;
  switch (type->form) {
    case Form::null:
      return "null";
    case Form::boolean:
      return "boolean";
    case Form::number:
      return "number";
    case Form::string:
      return "string";
    case Form::object:
      return object_text(*type);
    case Form::set:
      return "set[" + to_text(type->rest) + "]";
    case Form::function: {
      return to_text(type->parts) + " => " + to_text(type->rest);
    }
    case Form::array:
    case Form::any:
      out = type->is(Form::array) ? "array" : "any";
      if (!type->parts.empty()) {
        out += "<";
        append_list(out, type->parts);
        out += ">";
      }
      if (type->rest != nullptr) out += "[" + to_text(type->rest) + "]";
      return out;
  }
  return out;
}

std::string to_text(const std::vector<Type>& types) {
  std::string out = "(";
  append_list(out, types);
  return out + ")";
}

std::string arguments_text(Type function) {
  std::vector<Type> all = function->parts;
  if (function->rest != nullptr) all.push_back(function->rest);
  if (function->signature == nullptr) return to_text(all);
  std::string out = "(";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& parameters = function->signature->parameters;
    const Parameter& one = i < parameters.size() ? parameters[i] : function->signature->result;
    if (i > 0) out += ", ";
    out += one.name + ": " + to_text(all[i]);
  }
  return out + ")";
}

}  // namespace writ::rego::types
