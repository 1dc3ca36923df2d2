// Unions of types, and what stands below a type: elements, members, keys.
#include <algorithm>
#include <iterator>

#include "policy/term/number.h"
#include "policy/types/type.h"

namespace writ::rego::types {
namespace {

using Form = Shape::Form;

bool is_before(Type a, Type b) { return compare(a, b) < 0; }
bool is_equal(Type a, Type b) { return compare(a, b) == 0; }

bool contains(const Shape& any, Type type) {
  if (type->is(Form::function)) return false;
  return any.parts.empty() || std::ranges::binary_search(any.parts, type, is_before);
}

// An object of which no member is known.
bool is_uniform(Type type) {
  return type->is(Form::object) && type->is_open && type->fields.empty();
}

}  // namespace

Type TypePool::union_of(std::vector<Type> sorted) {
  if (sorted.size() > kMostAlternatives) return anything();
  Shape node;
  node.form = Form::any;
  node.parts = std::move(sorted);
  return add(std::move(node));
}

Type TypePool::either(Type a, Type b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  if (a->is(Form::function) && b->is(Form::function)) {
    if (a->parts.size() != b->parts.size()) return nullptr;
    std::vector<Type> arguments;
    for (std::size_t i = 0; i < a->parts.size(); ++i) {
      arguments.push_back(either(a->parts[i], b->parts[i]));
    }
    return function(std::move(arguments), either(a->rest, b->rest));
  }
  if (a->is(Form::function) || b->is(Form::function)) return nullptr;
  if (a->is_anything() || b->is_anything()) return anything();
  if (is_equal(a, b)) return a;
  if (b->is(Form::any) && !a->is(Form::any)) std::swap(a, b);
  if (a->is(Form::any) && !b->is(Form::any) && contains(*a, b)) return a;
  const std::vector<Type> of_a = a->is(Form::any) ? a->parts : std::vector<Type>{a};
  const std::vector<Type> of_b = b->is(Form::any) ? b->parts : std::vector<Type>{b};
  std::vector<Type> all;
  std::ranges::set_union(of_a, of_b, std::back_inserter(all), is_before);
  return union_of(std::move(all));
}

Type TypePool::merged(Type a, Type b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  if (a->is(Form::any) && !b->is(Form::any)) std::swap(a, b);
  if (a->is(Form::set) && b->is(Form::set)) return set(either(a->rest, b->rest));
  if (!is_uniform(a)) return either(a, b);
  if (is_uniform(b)) return object({}, either(a->key, b->key), merged(a->rest, b->rest));
  if (!b->is(Form::any)) return either(a, b);
  // Into the one object among several types.
  const auto found = std::ranges::find_if(b->parts, is_uniform);
  if (found == b->parts.end()) return either(a, b);
  std::vector<Type> parts = b->parts;
  parts[static_cast<std::size_t>(found - b->parts.begin())] =
      object({}, either((*found)->key, a->key), either((*found)->rest, a->rest));
  std::ranges::sort(parts, is_before);
  const auto repeated = std::ranges::unique(parts, is_equal);
  parts.erase(repeated.begin(), repeated.end());
  return union_of(std::move(parts));
}

Type TypePool::select(Type type, const Term& key) {
  if (type == nullptr) return nullptr;
  switch (type->form) {
    case Form::array: {
      if (!key.is_number()) return nullptr;
      const auto at = to_int64(key);
      if (!at || *at < 0) return nullptr;
      const auto i = static_cast<std::size_t>(*at);
      return i < type->parts.size() ? type->parts[i] : type->rest;
    }
    case Form::object: {
      if (const StaticField* found = type->field(key)) return found->type;
      if (!type->is_open || type->key == nullptr) return nullptr;
      const Type of_key = of(key);
      const bool fits =
          type->key->is(Form::any) ? contains(*type->key, of_key) : is_equal(type->key, of_key);
      return fits ? type->rest : nullptr;
    }
    case Form::set: {
      const Type of_key = of(key);
      if (type->rest == nullptr || is_equal(type->rest, of_key)) return type->rest;
      return type->rest->is(Form::any) && contains(*type->rest, of_key) ? of_key : nullptr;
    }
    case Form::any: {
      if (type->parts.empty()) return type;
      Type out = nullptr;
      for (const Type part : type->parts) out = either(select(part, key), out);
      return out;
    }
    default:
      return nullptr;
  }
}

Type TypePool::keys(Type type) {
  if (type == nullptr) return nullptr;
  Type out = nullptr;
  switch (type->form) {
    case Form::array:
      return number();
    case Form::object:
      for (const StaticField& field : type->fields) out = either(out, of(field.key));
      return type->is_open ? either(out, type->key) : out;
    case Form::set:
      return type->rest;
    case Form::any:
      if (type->parts.empty()) return type;
      for (const Type part : type->parts) out = either(keys(part), out);
      return out;
    default:
      return nullptr;
  }
}

Type TypePool::values(Type type) {
  if (type == nullptr) return nullptr;
  Type out = nullptr;
  switch (type->form) {
    case Form::array:
      for (const Type part : type->parts) out = either(out, part);
      return either(out, type->rest);
    case Form::object:
      for (const StaticField& field : type->fields) out = either(out, field.type);
      return type->is_open ? either(out, type->rest) : out;
    case Form::set:
      return type->rest;
    case Form::any:
      if (type->parts.empty()) return type;
      for (const Type part : type->parts) out = either(values(part), out);
      return out;
    default:
      return nullptr;
  }
}

}  // namespace writ::rego::types
