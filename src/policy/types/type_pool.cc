// Makes types, within their bounds.
#include <algorithm>

#include "policy/term/build.h"
#include "policy/types/type.h"

namespace writ::rego::types {
namespace {

using Form = Shape::Form;

Shape of_form(Form form) {
  Shape out;
  out.form = form;
  return out;
}

void sort_by_key(std::vector<StaticField>& fields) {
  std::ranges::stable_sort(
      fields, [](const StaticField& a, const StaticField& b) { return a.key < b.key; });
}

void count(Shape& node, Type part) {
  if (part == nullptr) {
    node.has_unknown = true;
    return;
  }
  node.nodes = std::min(node.nodes + part->nodes, kMostNodes + 1);
  node.has_unknown = node.has_unknown || (part->has_unknown && !node.is(Form::any));
}

// In the steps of fuel, which bound the memory, too.
std::uint64_t cost(const Shape& node) {
  constexpr std::uint64_t kShape = 16;
  constexpr std::uint64_t kField = 4;
  return kShape + node.parts.size() + kField * node.fields.size();
}

// Keeps its form alone.
Shape emptied(Shape node) {
  if (node.is(Form::function)) {
    std::ranges::fill(node.parts, anything());
    node.nodes = static_cast<std::uint32_t>(node.parts.size()) + 2;
  } else {
    node.parts.clear();
    node.fields.clear();
    node.is_open = node.is(Form::object);
    node.key = node.is_open ? anything() : nullptr;
    node.nodes = 3;
  }
  node.rest = anything();
  node.has_unknown = false;
  node.has_forgotten = true;
  return node;
}

}  // namespace

Type TypePool::add(Shape node) {
  if (!fuel_.burn(cost(node))) return forgotten();
  for (const Type part : node.parts) count(node, part);
  for (const StaticField& field : node.fields) count(node, field.type);
  if (node.is_open) count(node, node.key);
  if (node.rest != nullptr || node.is_open || node.is(Form::set)) count(node, node.rest);
  if (node.nodes <= kMostNodes) return &shapes_.emplace_back(std::move(node));
  if (node.is(Form::any)) return forgotten();
  return &shapes_.emplace_back(emptied(std::move(node)));
}

Type TypePool::array(std::vector<Type> parts, Type rest) {
  Shape node = of_form(Form::array);
  node.parts = std::move(parts);
  node.rest = rest;
  return add(std::move(node));
}

Type TypePool::object(std::vector<StaticField> fields) {
  Shape node = of_form(Form::object);
  sort_by_key(fields);
  node.fields = std::move(fields);
  return add(std::move(node));
}

Type TypePool::object(std::vector<StaticField> fields, Type key, Type value) {
  Shape node = of_form(Form::object);
  sort_by_key(fields);
  node.fields = std::move(fields);
  node.is_open = true;
  node.key = key;
  node.rest = value;
  return add(std::move(node));
}

Type TypePool::set(Type of) {
  Shape node = of_form(Form::set);
  node.rest = of;
  return add(std::move(node));
}

Type TypePool::function(std::vector<Type> arguments, Type result) {
  Shape node = of_form(Form::function);
  node.parts = std::move(arguments);
  node.rest = result;
  return add(std::move(node));
}

Type TypePool::function(const Signature& signature) {
  Shape node = of_form(Form::function);
  for (const Parameter& parameter : signature.parameters) {
    node.parts.push_back(declared(parameter.type));
  }
  node.rest = declared(signature.result.type);
  node.signature = &signature;
  return add(std::move(node));
}

Type TypePool::declared(const rego::Type& type) {
  using Declared = rego::Type::Form;
  const auto rest = [&]() { return type.rest ? declared(*type.rest) : nullptr; };
  std::vector<Type> parts;
  for (const rego::Type& part : type.parts) parts.push_back(declared(part));
  switch (type.form) {
    case Declared::null:
      return null();
    case Declared::boolean:
      return boolean();
    case Declared::number:
      return number();
    case Declared::string:
      return string();
    case Declared::array:
      return array(std::move(parts), rest());
    case Declared::set:
      return set(rest());
    case Declared::object: {
      std::vector<StaticField> fields;
      for (const Field& field : type.fields) {
        fields.push_back({borrow_string(field.key), declared(field.type)});
      }
      if (!type.rest) return object(std::move(fields));
      return object(std::move(fields), declared(*type.key), rest());
    }
    case Declared::one_of:
      return either(std::move(parts));
    case Declared::any:
      break;
  }
  return anything();
}

Type TypePool::of(const Term& value) {
  if (fuel_.is_empty()) return forgotten();
  std::vector<Type> parts;
  if (value.is_array()) {
    for (const Term& item : value.items()) parts.push_back(of(item));
    const Type rest = parts.empty() ? anything() : nullptr;
    return array(std::move(parts), rest);
  }
  if (value.is_object()) {
    if (value.size() == 0) return object({}, anything(), anything());
    std::vector<StaticField> fields;
    for (std::size_t i = 0; i < value.size(); ++i) {
      fields.push_back({value.keys()[i], of(value.values()[i])});
    }
    return object(std::move(fields));
  }
  if (value.is_set()) {
    for (const Term& item : value.items()) parts.push_back(of(item));
    return set(parts.empty() ? anything() : either(std::move(parts)));
  }
  return of_scalar(value);
}

}  // namespace writ::rego::types
