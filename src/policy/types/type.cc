#include "policy/types/type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/term/cut_text.h"
#include "policy/term/print.h"

namespace writ::rego::types {
namespace {

using Form = Shape::Form;

// In the order of Form.
constexpr std::array<std::string_view, 8> kNames = {"null",  "boolean", "number", "string",
                                                    "array", "object",  "set",    "any"};

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

// Writes types down until there is enough of them.
class TypeText {
 public:
  void add(Type type);
  void add(std::string_view text) {
    if (out_.size() <= kLongestText) out_ += text;
  }
  void add_list(const std::vector<Type>& types);
  // The text so far, the end cut off where it is too long.
  std::string done() && { return cut_text(std::move(out_), kLongestText); }

 private:
  void add_object(const Shape& object);
  bool is_full() const { return out_.size() > kLongestText; }

  std::string out_;
};

void TypeText::add_list(const std::vector<Type>& types) {
  for (std::size_t i = 0; i < types.size() && !is_full(); ++i) {
    if (i > 0) out_ += ", ";
    add(types[i]);
  }
}

void TypeText::add_object(const Shape& object) {
  out_ += "object";
  for (std::size_t i = 0; i < object.fields.size() && !is_full(); ++i) {
    const Term& key = object.fields[i].key;
    out_ += i == 0 ? "<" : ", ";
    add(key.is_string() ? std::string(key.text()) : to_rego(key));
    add(": ");
    add(object.fields[i].type);
  }
  if (!object.fields.empty()) out_ += ">";
  if (!object.is_open) return;
  out_ += "[";
  add(object.key);
  out_ += ": ";
  add(object.rest);
  out_ += "]";
}

void TypeText::add(Type type) {
  if (is_full()) return;
  if (type == nullptr) return add("???");
  switch (type->form) {
    case Form::object:
      return add_object(*type);
    case Form::function:
      out_ += "(";
      add_list(type->parts);
      out_ += ") => ";
      return add(type->rest);
    default:
      out_ += kNames[static_cast<std::size_t>(type->form)];
  }
  if (!type->parts.empty()) {
    out_ += "<";
    add_list(type->parts);
    out_ += ">";
  }
  if (type->rest == nullptr && !type->is(Form::set)) return;
  out_ += "[";
  add(type->rest);
  out_ += "]";
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
Type forgotten() {
  static const Shape kNode = [] {
    Shape out = scalar(Form::any);
    out.has_forgotten = true;
    return out;
  }();
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
  TypeText out;
  out.add(type);
  return std::move(out).done();
}

std::string to_text(const std::vector<Type>& types) {
  TypeText out;
  out.add("(");
  out.add_list(types);
  out.add(")");
  return std::move(out).done();
}

std::string arguments_text(Type function) {
  std::vector<Type> all = function->parts;
  if (function->rest != nullptr) all.push_back(function->rest);
  if (function->signature == nullptr) return to_text(all);
  TypeText out;
  out.add("(");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& parameters = function->signature->parameters;
    const Parameter& one = i < parameters.size() ? parameters[i] : function->signature->result;
    if (i > 0) out.add(", ");
    out.add(one.name);
    out.add(": ");
    out.add(all[i]);
  }
  out.add(")");
  return std::move(out).done();
}

}  // namespace writ::rego::types
