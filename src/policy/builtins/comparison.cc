// ==, !=, <, <=, >, >=, and membership. Unification (=) and assignment (:=) are no calls: the
// compiler turns them into bindings; called by name they compare.
#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

Outcome equal(Call& call) { return Term::boolean(call.arg(0) == call.arg(1)); }
Outcome not_equal(Call& call) { return Term::boolean(call.arg(0) != call.arg(1)); }
Outcome less(Call& call) { return Term::boolean(compare(call.arg(0), call.arg(1)) < 0); }
Outcome at_most(Call& call) { return Term::boolean(compare(call.arg(0), call.arg(1)) <= 0); }
Outcome greater(Call& call) { return Term::boolean(compare(call.arg(0), call.arg(1)) > 0); }
Outcome at_least(Call& call) { return Term::boolean(compare(call.arg(0), call.arg(1)) >= 0); }

bool has_value(const Term& collection, const Term& value) {
  if (collection.is_set()) return collection.contains(value);
  if (!collection.is_array() && !collection.is_object()) return false;
  for (const Term& item : collection.is_array() ? collection.items() : collection.values()) {
    if (item == value) return true;
  }
  return false;
}

Outcome member(Call& call) { return Term::boolean(has_value(call.arg(1), call.arg(0))); }

Outcome member_at(Call& call) {
  const Term* found = call.arg(2).at(call.arg(0));
  return Term::boolean(found != nullptr && *found == call.arg(1));
}

constexpr Trait kInternal = Trait::internal;
constexpr Builtin kComparison[] = {
    {"assign", "(x: any, y: any) => (result: boolean)", &equal, Trait::none, ":="},
    {"eq", "(x: any, y: any) => (result: boolean)", &equal, Trait::none, "="},
    {"equal", "(x: any, y: any) => (result: boolean)", &equal, Trait::none, "=="},
    {"gt", "(x: any, y: any) => (result: boolean)", &greater, Trait::none, ">"},
    {"gte", "(x: any, y: any) => (result: boolean)", &at_least, Trait::none, ">="},
    {"internal.member_2", "(x: any, collection: any) => (result: boolean)", &member, kInternal,
     "in"},
    {"internal.member_3", "(key: any, value: any, collection: any) => (result: boolean)",
     &member_at, kInternal},
    {"lt", "(x: any, y: any) => (result: boolean)", &less, Trait::none, "<"},
    {"lte", "(x: any, y: any) => (result: boolean)", &at_most, Trait::none, "<="},
    {"neq", "(x: any, y: any) => (result: boolean)", &not_equal, Trait::none, "!="},
};

}  // namespace

std::span<const Builtin> comparison_builtins() { return kComparison; }

}  // namespace writ::rego
