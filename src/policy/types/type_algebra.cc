// Unions of types, and what stands below a type: elements, members, keys.
#include <algorithm>
#include <span>

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

// Each type that a value of this one may be of.
std::span<const Type> alternatives(const Type& type) {
  const bool is_one = !type->is(Form::any) || type->parts.empty();
  return is_one ? std::span(&type, 1) : std::span(type->parts);
}

void add_values(const Shape& type, std::vector<Type>& out) {
  if (type.is(Form::any)) return out.push_back(&type);
  if (type.is(Form::function)) return;
  out.insert(out.end(), type.parts.begin(), type.parts.end());
  for (const StaticField& field : type.fields) out.push_back(field.type);
  out.push_back(type.rest);
}

void sort_once(std::vector<Type>& types) {
  std::ranges::sort(types, is_before);
  const auto again = std::ranges::unique(types, is_equal);
  types.erase(again.begin(), again.end());
}

// An object of which no member is known.
bool is_uniform(Type type) {
  return type->is(Form::object) && type->is_open && type->fields.empty();
}

}  // namespace

Type TypePool::union_of(std::vector<Type> sorted) {
  if (sorted.size() > kMostAlternatives) return forgotten();
  Shape node;
  node.form = Form::any;
  node.parts = std::move(sorted);
  return add(std::move(node));
}

Type TypePool::either(std::vector<Type> types) {
  // The same type often comes again and again.
  std::ranges::sort(types);
  const auto again = std::ranges::unique(types);
  types.erase(again.begin(), again.end());
  std::erase(types, nullptr);
  if (types.size() == 1) return types.front();
  std::vector<Type> all;
  for (const Type type : types) {
    if (type->is(Form::function)) continue;
    if (type->is_anything()) return type;
    if (!fuel_.burn(type->nodes)) return forgotten();
    if (type->is(Form::any)) {
      all.insert(all.end(), type->parts.begin(), type->parts.end());
    } else {
      all.push_back(type);
    }
  }
  sort_once(all);
  if (all.size() < 2) return all.empty() ? nullptr : all.front();
  return union_of(std::move(all));
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
  if (is_equal(a, b)) return a;
  if (a->is(Form::any) && contains(*a, b)) return a;
  if (b->is(Form::any) && contains(*b, a)) return b;
  return either(std::vector<Type>{a, b});
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
  return either(std::move(parts));
}

Type TypePool::select(Type type, const Term& key) {
  if (type == nullptr) return nullptr;
  std::vector<Type> found;
  for (const Type one : alternatives(type)) found.push_back(select_from(*one, key));
  const Type out = either(std::move(found));
  return fuel_.is_empty() ? forgotten() : out;
}

// Of a type that is none of several.
Type TypePool::select_from(const Shape& type, const Term& key) {
  fuel_.burn();
  switch (type.form) {
    case Form::array: {
      if (!key.is_number()) return nullptr;
      const auto at = to_int64(key);
      if (!at || *at < 0) return nullptr;
      const auto i = static_cast<std::size_t>(*at);
      return i < type.parts.size() ? type.parts[i] : type.rest;
    }
    case Form::object: {
      if (const StaticField* found = type.field(key)) return found->type;
      if (!type.is_open || type.key == nullptr) return nullptr;
      const Type of_key = of(key);
      const bool fits =
          type.key->is(Form::any) ? contains(*type.key, of_key) : is_equal(type.key, of_key);
      return fits ? type.rest : nullptr;
    }
    case Form::set: {
      const Type of_key = of(key);
      if (type.rest == nullptr || is_equal(type.rest, of_key)) return type.rest;
      return type.rest->is(Form::any) && contains(*type.rest, of_key) ? of_key : nullptr;
    }
    case Form::any:
      return &type;
    default:
      return nullptr;
  }
}

Type TypePool::keys(Type type) {
  if (type == nullptr) return nullptr;
  const auto [found, is_new] = keys_.try_emplace(type, nullptr);
  if (is_new) {
    std::vector<Type> all;
    for (const Type one : alternatives(type)) add_keys(*one, all);
    found->second = either(std::move(all));
  }
  return fuel_.is_empty() ? forgotten() : found->second;
}

void TypePool::add_keys(const Shape& type, std::vector<Type>& out) {
  switch (type.form) {
    case Form::array:
      return out.push_back(number());
    case Form::object:
      for (const StaticField& field : type.fields) out.push_back(of(field.key));
      return out.push_back(type.key);
    case Form::set:
      return out.push_back(type.rest);
    case Form::any:
      return out.push_back(&type);
    default:
      return;
  }
}

Type TypePool::values(Type type) {
  if (type == nullptr) return nullptr;
  const auto [found, is_new] = values_.try_emplace(type, nullptr);
  if (is_new) {
    std::vector<Type> all;
    for (const Type one : alternatives(type)) add_values(*one, all);
    found->second = either(std::move(all));
  }
  return fuel_.is_empty() ? forgotten() : found->second;
}

}  // namespace writ::rego::types
