// Whether two types have a value in common.
#include <algorithm>

#include "policy/types/type.h"

namespace writ::rego::types {
namespace {

using Form = Shape::Form;

bool unifies_some(const Shape& any, Type with, Fuel& fuel) {
  if (with->is(Form::function)) return false;
  if (any.parts.empty()) return true;
  return std::ranges::any_of(any.parts, [&](Type one) { return unifies(one, with, fuel); });
}

Type element(const Shape& array, std::size_t i) {
  return i < array.parts.size() ? array.parts[i] : array.rest;
}

bool unifies_elements(const Shape& a, const Shape& b, Fuel& fuel) {
  const std::size_t most = std::max(a.parts.size(), b.parts.size());
  for (std::size_t i = 0; i < most; ++i) {
    if (!unifies(element(a, i), element(b, i), fuel)) return false;
  }
  return a.rest == nullptr || b.rest == nullptr || unifies(a.rest, b.rest, fuel);
}

bool contains(Type a, Type b) {
  if (a == nullptr || !a->is(Form::any)) return compare(a, b) == 0;
  if (b != nullptr && b->is(Form::function)) return false;
  if (a->parts.empty()) return true;
  const auto found =
      std::ranges::lower_bound(a->parts, b, [](Type x, Type y) { return compare(x, y) < 0; });
  return found != a->parts.end() && compare(*found, b) == 0;
}

Type member(const Shape& object, const Term& key) {
  if (const StaticField* found = object.field(key)) return found->type;
  if (!object.is_open) return nullptr;
  const Type of_key = of_scalar(key);  // nullptr, a collection: may be
  const bool fits = of_key == nullptr || contains(object.key, of_key);
  return fits ? object.rest : nullptr;
}

bool unifies_members(const Shape& a, const Shape& b, Fuel& fuel) {
  const auto all = [&](const Shape& x, const Shape& y) {
    return std::ranges::all_of(x.fields, [&](const StaticField& field) {
      return unifies(field.type, member(y, field.key), fuel);
    });
  };
  if (!all(a, b) || !all(b, a)) return false;
  return a.rest == nullptr || b.rest == nullptr || unifies(a.rest, b.rest, fuel);
}

bool unifies_functions(const Shape& a, const Shape& b, Fuel& fuel) {
  if (a.parts.size() != b.parts.size()) return false;
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    if (!unifies(a.parts[i], b.parts[i], fuel)) return false;
  }
  return true;
}

}  // namespace

bool unifies(Type a, Type b, Fuel& fuel) {
  if (a == nullptr || b == nullptr) return false;
  if (!fuel.burn()) return true;
  if (a == b && !a->has_unknown && !a->is(Form::function)) return true;
  if (a->is(Form::any) || b->is(Form::any)) {
    return (a->is(Form::any) && unifies_some(*a, b, fuel)) ||
           (b->is(Form::any) && unifies_some(*b, a, fuel));
  }
  if (a->form != b->form) return false;
  switch (a->form) {
    case Form::array:
      return unifies_elements(*a, *b, fuel);
    case Form::object:
      return unifies_members(*a, *b, fuel);
    case Form::set:
      return unifies(a->rest, b->rest, fuel);
    case Form::function:
      return unifies_functions(*a, *b, fuel);
    default:
      return true;
  }
}

}  // namespace writ::rego::types
