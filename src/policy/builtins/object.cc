#include <algorithm>

#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"

namespace writ::rego {
namespace {

Term keys_of(Call& call, const Term& object) {
  return make_set(call.arena(), {object.keys().begin(), object.keys().end()});
}

// The keys that argument 1 names, as a set; undefined if it cannot.
Term named_keys(Call& call) {
  const Term& of = call.arg(1);
  if (of.is_set()) return of;
  if (of.is_object()) return keys_of(call, of);
  if (of.is_array()) return make_set(call.arena(), {of.items().begin(), of.items().end()});
  call.wrong_type(1, "one of {object, set, array}");
  return {};
}

enum class Named : bool { dropped, kept };

Outcome choose(Call& call, Named named) {
  const Term keys = named_keys(call);
  if (!keys.is_defined()) return call.failed();
  const Term& object = call.arg(0);
  std::vector<Member> members;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const bool is_named = keys.contains(object.keys()[i]);
    if (is_named == (named == Named::kept)) {
      members.push_back({object.keys()[i], object.values()[i]});
    }
  }
  return make_object(call.arena(), std::move(members));
}

Outcome filter(Call& call) { return choose(call, Named::kept); }
Outcome remove(Call& call) { return choose(call, Named::dropped); }

// An array is a path through what is nested, anything else a key.
Outcome get(Call& call) {
  const Term& key = call.arg(1);
  const Term* at = &call.arg(0);
  if (!key.is_array()) {
    at = at->find(key);
  } else {
    for (const Term& step : key.items()) {
      at = at->at(step);
      if (at == nullptr) break;
    }
  }
  return at == nullptr ? call.arg(2) : *at;
}

Outcome keys(Call& call) { return keys_of(call, call.arg(0)); }

// Whether `part` appears in `whole` in one piece (Knuth, Morris, Pratt).
bool has_run(std::span<const Term> whole, std::span<const Term> part) {
  if (part.empty()) return true;
  std::vector<std::size_t> border(part.size() + 1, 0);
  std::size_t matched = 0;
  for (std::size_t i = 1; i < part.size(); ++i) {
    while (matched > 0 && part[i] != part[matched]) matched = border[matched];
    if (part[i] == part[matched]) ++matched;
    border[i + 1] = matched;
  }
  matched = 0;
  for (const Term& term : whole) {
    while (matched > 0 && term != part[matched]) matched = border[matched];
    if (term == part[matched]) ++matched;
    if (matched == part.size()) return true;
  }
  return false;
}

bool contains_all(const Term& set, std::span<const Term> members) {
  return std::ranges::all_of(members, [&](const Term& member) { return set.contains(member); });
}

// Objects are compared member by member; sets and arrays as they are.
bool is_part(const Term& whole, const Term& part) {
  if (whole.is_object() && part.is_object()) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Term* const value = whole.find(part.keys()[i]);
      if (value == nullptr || !is_part(*value, part.values()[i])) return false;
    }
    return true;
  }
  if (whole.is_set() && part.is_set()) return contains_all(whole, part.items());
  if (whole.is_array() && part.is_array()) return has_run(whole.items(), part.items());
  return whole == part;
}

Outcome subset(Call& call) {
  constexpr std::string_view kWanted = "one of {object, set, array}";
  const Term& whole = call.arg(0);
  const Term& part = call.arg(1);
  if (!whole.is_collection()) return call.wrong_type(0, kWanted);
  if (!part.is_collection()) return call.wrong_type(1, kWanted);
  if (whole.is_array() && part.is_set()) {
    const auto items = whole.items();
    return Term::boolean(
        contains_all(make_set(call.arena(), {items.begin(), items.end()}), part.items()));
  }
  if (whole.kind() != part.kind()) {
    return call.error("both arguments object.subset must be of the same type or array and set");
  }
  return Term::boolean(is_part(whole, part));
}

// All members of `objects`, those with one key together, in the order of the objects. Objects
// that meet are merged; of anything else the last one stays and what stood before is forgotten.
Term merged(Arena& arena, std::span<const Term> objects) {
  std::vector<Member> all;
  for (const Term& object : objects) {
    for (std::size_t i = 0; i < object.size(); ++i) {
      all.push_back({object.keys()[i], object.values()[i]});
    }
  }
  std::ranges::stable_sort(all, [](const Member& a, const Member& b) { return a.key < b.key; });
  std::vector<Member> out;
  std::vector<Term> met;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].value.is_object()) met.clear();
    met.push_back(all[i].value);
    if (i + 1 < all.size() && all[i + 1].key == all[i].key) {
      if (!all[i].value.is_object()) met.clear();
      continue;
    }
    out.push_back({all[i].key, met.size() == 1 ? met.front() : merged(arena, met)});
    met.clear();
  }
  return make_object(arena, std::move(out));
}

Outcome object_union(Call& call) { return merged(call.arena(), call.args()); }

Outcome union_n(Call& call) {
  for (const Term& object : call.arg(0).items()) {
    if (!object.is_object()) return wrong_element(call, 0, object, "object");
  }
  return merged(call.arena(), call.arg(0).items());
}

constexpr Builtin kObject[] = {
    {"object.filter",
     "(object: object[any: any], keys: any<array[any], object[any: any], set[any]>) => "
     "(filtered: any)",
     &filter},
    {"object.get", "(object: object[any: any], key: any, default: any) => (value: any)", &get},
    {"object.keys", "(object: object[any: any]) => (value: set[any])", &keys},
    {"object.remove",
     "(object: object[any: any], keys: any<array[any], object[any: any], set[any]>) => "
     "(output: any)",
     &remove},
    {"object.subset",
     "(super: any<array[any], object[any: any], set[any]>, sub: any<array[any], object[any: any], "
     "set[any]>) => (result: any)",
     &subset},
    {"object.union", "(a: object[any: any], b: object[any: any]) => (output: any)", &object_union},
    {"object.union_n", "(objects: array[object[any: any]]) => (output: any)", &union_n},
};

}  // namespace

std::span<const Builtin> object_builtins() { return kObject; }

}  // namespace writ::rego
