// Union and intersection of sets; the difference is `minus` (arithmetic.cc).
#include <algorithm>

#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

Outcome set_and(Call& call) {
  std::vector<Term> both;
  for (const Term& member : call.arg(0).items()) {
    if (call.arg(1).contains(member)) both.push_back(member);
  }
  return make_set(call.arena(), std::move(both));
}

Outcome set_or(Call& call) {
  const auto a = call.arg(0).items();
  const auto b = call.arg(1).items();
  std::vector<Term> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  return make_set(call.arena(), std::move(all));
}

bool all_sets(const Term& sets) {
  return std::ranges::all_of(sets.items(), [](const Term& set) { return set.is_set(); });
}

Outcome not_sets(Call& call) { return call.bad_operand(0, "must be set of sets"); }

Outcome intersection(Call& call) {
  const Term& sets = call.arg(0);
  if (!all_sets(sets)) return not_sets(call);
  if (sets.size() == 0) return empty_set();
  std::vector<Term> common;
  for (const Term& member : sets.items()[0].items()) {
    const auto holds = [&](const Term& set) { return set.contains(member); };
    if (std::ranges::all_of(sets.items(), holds)) common.push_back(member);
  }
  return make_set(call.arena(), std::move(common));
}

Outcome set_union(Call& call) {
  const Term& sets = call.arg(0);
  if (!all_sets(sets)) return not_sets(call);
  std::vector<Term> all;
  for (const Term& set : sets.items())
    all.insert(all.end(), set.items().begin(), set.items().end());
  return make_set(call.arena(), std::move(all));
}

constexpr std::string_view kBinary = "(x: set[any], y: set[any]) => (z: set[any])";
constexpr Builtin kSets[] = {
    {"and", kBinary, &set_and, Trait::none, "&"},
    {"intersection", "(xs: set[set[any]]) => (y: set[any])", &intersection},
    {"or", kBinary, &set_or, Trait::none, "|"},
    {"union", "(xs: set[set[any]]) => (y: set[any])", &set_union},
};

}  // namespace

std::span<const Builtin> set_builtins() { return kSets; }

}  // namespace writ::rego
