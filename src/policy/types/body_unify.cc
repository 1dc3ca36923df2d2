// What equations do to types: OPA's unification of a term with a term, and of a term with a type.
#include <algorithm>

#include "policy/types/body_checker.h"

namespace writ::rego::types {
namespace {

using Form = ast::Term::Kind;

// The one alternative of a type that is none of several; else all of them.
std::vector<Type> alternatives(Type type) {
  return type->is(Shape::Form::any) ? type->parts : std::vector<Type>{type};
}

}  // namespace

bool BodyChecker::match(const ast::Term& a, const ast::Term& b) {
  const Type type_a = type_of(a);
  const Type type_b = type_of(b);
  if (is_unknown(type_a) && is_unknown(type_b)) return match_open(a, b);
  if (is_unknown(type_a)) return assign(a, type_b, false);
  if (is_unknown(type_b)) return assign(b, type_a, false);
  return meet(type_a, type_b);
}

bool BodyChecker::match_known(const ast::Term& a, Type value) {
  if (is_unknown(value)) {
    settle(a);
    return true;
  }
  const Type type_a = type_of(a);
  if (is_unknown(type_a)) return assign(a, value, false);
  return meet(type_a, value);
}

// In neither everything is known.
bool BodyChecker::match_open(const ast::Term& a, const ast::Term& b) {
  if (!a.is_var() && b.is_var()) return match_open(b, a);
  if (a.is_var()) {
    const ast::Term& other = b;
    if (other.is_var()) return assign(a, anything(), false) && assign(other, type_of(a), false);
    return assign(other, anything(), false) && assign(a, type_of(other), false);
  }
  if (a.is(Form::array) && b.is(Form::array)) {
    if (a.parts.size() != b.parts.size()) return false;
    for (std::size_t i = 0; i < a.parts.size(); ++i) {
      if (!match(a.parts[i], b.parts[i])) return false;
    }
    return true;
  }
  return a.is(Form::object) && b.is(Form::object) && match_open_objects(a, b);
}

bool BodyChecker::match_open_objects(const ast::Term& a, const ast::Term& b) {
  if (a.parts.size() != b.parts.size()) return false;
  for (std::size_t i = 0; i + 1 < a.parts.size(); i += 2) {
    if (!a.parts[i].is(Form::scalar)) return true;
    for (std::size_t j = 0; j + 1 < b.parts.size(); j += 2) {
      if (!b.parts[j].is(Form::scalar)) return true;
      if (a.parts[i].value == b.parts[j].value && !match(a.parts[i + 1], b.parts[j + 1])) {
        return false;
      }
    }
  }
  return true;
}

bool BodyChecker::assign(const ast::Term& term, Type type, bool joins) {
  if (!context_.pool->fuel().burn()) {
    settle(term);
    return true;
  }
  if (term.is_var()) {
    const Type before = known(term);
    if (!joins && before != nullptr) return meet(before, type);
    put(term, joins ? context_.pool->either(before, type) : type);
    return true;
  }
  if (term.is(Form::scalar)) return fits(term.value, type);
  if (!term.is(Form::array) && !term.is(Form::object)) {
    return meet(type_of(term), type);
  }
  if (type == nullptr) return false;
  if (type->is_anything()) {
    for (const ast::Term& part : term.parts) assign(part, type, true);
    return true;
  }
  const bool is_one = !type->is(Shape::Form::any);
  bool out = false;
  for (const Type one : alternatives(type)) out = assign_parts(term, one, joins || !is_one) || out;
  return out;
}

bool BodyChecker::assign_parts(const ast::Term& term, Type type, bool joins) {
  if (term.is(Form::array)) {
    if (!type->is(Shape::Form::array)) return false;
    const std::size_t size = term.parts.size();
    if (size != type->parts.size() && type->rest == nullptr) return false;
    for (std::size_t i = 0; i < size; ++i) {
      const Type one = i < type->parts.size() ? type->parts[i] : type->rest;
      if (!assign(term.parts[i], one, joins)) return false;
    }
    return true;
  }
  if (!type->is(Shape::Form::object)) return false;
  if (term.parts.size() / 2 != type->fields.size() && type->rest == nullptr) return false;
  for (std::size_t i = 0; i + 1 < term.parts.size(); i += 2) {
    if (!term.parts[i].is(Form::scalar)) {
      assign(term.parts[i + 1], anything(), joins);
      continue;
    }
    const Type value = context_.pool->select(type, term.parts[i].value);
    if (value == nullptr || !assign(term.parts[i + 1], value, joins)) return false;
  }
  return true;
}

bool BodyChecker::fits(const Term& value, Type type) {
  if (type == nullptr) return false;
  if (!context_.pool->fuel().burn() || type->is_anything()) return true;
  if (!value.is_collection()) return meet(of_scalar(value), type);
  return std::ranges::any_of(alternatives(type), [&](Type one) { return fits_parts(value, one); });
}

bool BodyChecker::fits_parts(const Term& value, Type type) {
  if (type->is_anything()) return true;
  if (value.is_array()) {
    if (!type->is(Shape::Form::array)) return false;
    if (value.size() != type->parts.size() && type->rest == nullptr) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Type one = i < type->parts.size() ? type->parts[i] : type->rest;
      if (!fits(value.items()[i], one)) return false;
    }
    return true;
  }
  if (value.is_set()) {
    return type->is(Shape::Form::set) && std::ranges::all_of(value.items(), [&](const Term& item) {
             return fits(item, type->rest);
           });
  }
  if (!type->is(Shape::Form::object)) return false;
  if (value.size() != type->fields.size() && type->rest == nullptr) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!fits(value.values()[i], context_.pool->select(type, value.keys()[i]))) return false;
  }
  return true;
}

}  // namespace writ::rego::types
