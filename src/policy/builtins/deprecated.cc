// Builtins that only modules of Rego v0 may call. Casts are with the types, re_match with regex.
#include <algorithm>

#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

Outcome all(Call& call) {
  const Term& of = call.arg(0);
  if (!of.is_array() && !of.is_set()) return call.wrong_type(0, "one of {array, set}");
  return Term::boolean(std::ranges::all_of(of.items(), [](const Term& t) { return t.is_true(); }));
}

Outcome any(Call& call) {
  const Term& of = call.arg(0);
  if (!of.is_array() && !of.is_set()) return call.wrong_type(0, "one of {array, set}");
  return Term::boolean(std::ranges::any_of(of.items(), [](const Term& t) { return t.is_true(); }));
}

Outcome set_difference(Call& call) {
  std::vector<Term> rest;
  for (const Term& member : call.arg(0).items()) {
    if (!call.arg(1).contains(member)) rest.push_back(member);
  }
  return make_set(call.arena(), std::move(rest));
}

constexpr std::string_view kQuantifier = "(x: any<array[any], set[any]>) => (result: boolean)";
constexpr Builtin kDeprecated[] = {
    {"all", kQuantifier, &all, Trait::deprecated},
    {"any", kQuantifier, &any, Trait::deprecated},
    {"set_diff", "(x: set[any], y: set[any]) => (z: set[any])", &set_difference, Trait::deprecated},
};

}  // namespace

std::span<const Builtin> deprecated_builtins() { return kDeprecated; }

}  // namespace writ::rego
