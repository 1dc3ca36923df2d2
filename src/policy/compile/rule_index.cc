#include "policy/compile/rule_index.h"

#include <algorithm>

namespace writ::rego {
namespace {

constexpr std::size_t kFewest = 3;  // fewer rules run faster than they are looked up

// A place whose value a rule compares with a constant at the top of its body.
struct Place {
  Root root = Root::input;
  Slot argument = kNoSlot;
  std::vector<Term> where;

  bool operator==(const Place& other) const {
    return root == other.root && argument == other.argument && where == other.where;
  }
};
struct Wanted {
  Place place;
  Term value;
};

std::optional<Place> place_of(const Path& path, std::size_t arity) {
  Place out;
  out.root = path.root;
  if (path.root == Root::data) return std::nullopt;  // may be replaced; input is looked up anew
  if (path.root == Root::operand) {
    if (path.base.slot < 0 || static_cast<std::size_t>(path.base.slot) >= arity)
      return std::nullopt;
    out.argument = path.base.slot;
  }
  for (const Operand& key : path.keys) {
    if (!key.is_constant()) return std::nullopt;
    out.where.push_back(key.constant);
  }
  return out;
}

// The places that a definition's body pins to constants.
std::vector<Wanted> wanted_by(const Definition& definition, std::size_t arity) {
  std::vector<Wanted> out;
  // An else branch is tried when the body fails, so the rule must not be skipped.
  if (definition.otherwise) return out;
  std::map<Slot, Place> places;
  for (std::size_t i = 0; i < arity; ++i) {
    places[static_cast<Slot>(i)] = {Root::operand, static_cast<Slot>(i), {}};
  }
  for (Steps step = definition.body; step != nullptr; step = step->next) {
    if (const auto* path = dynamic_cast<const Path*>(step)) {
      if (auto place = place_of(*path, arity)) places[path->out] = std::move(*place);
    }
    const auto* compare = dynamic_cast<const Compare*>(step);
    if (compare == nullptr || compare->comparison != Comparison::equal) continue;
    const bool is_left = compare->left.is_constant();
    const Operand& constant = is_left ? compare->left : compare->right;
    const Operand& other = is_left ? compare->right : compare->left;
    if (!constant.is_constant() || other.is_constant()) continue;
    if (const auto found = places.find(other.slot); found != places.end()) {
      out.push_back({found->second, constant.constant});
    }
  }
  return out;
}

const Term* value_at(const std::vector<Wanted>& wanted, const Place& place) {
  const auto found = std::ranges::find(wanted, place, &Wanted::place);
  return found == wanted.end() ? nullptr : &found->value;
}

// The place that most definitions pin.
const Place* best_place(const std::vector<std::vector<Wanted>>& all) {
  const Place* best = nullptr;
  std::size_t most = kFewest - 1;
  for (const auto& wanted : all) {
    for (const Wanted& one : wanted) {
      const auto count = static_cast<std::size_t>(std::ranges::count_if(
          all, [&](const auto& other) { return value_at(other, one.place) != nullptr; }));
      if (count > most) {
        most = count;
        best = &one.place;
      }
    }
    if (most == all.size()) break;
  }
  return best;
}

void set_one_value(RuleSet& rules) {
  const Definition& first = *rules.all.front();
  rules.has_one_value = std::ranges::all_of(rules.all, [&](const Definition* definition) {
    return definition->value.is_constant() && definition->otherwise == nullptr &&
           definition->value.constant == first.value.constant;
  });
}

}  // namespace

void index_rules(RuleSet& rules) {
  if (rules.all.empty()) return;
  set_one_value(rules);
  if (rules.all.size() < kFewest) return;
  std::vector<std::vector<Wanted>> wanted;
  for (const Definition* definition : rules.all)
    wanted.push_back(wanted_by(*definition, rules.arity));
  const Place* place = best_place(wanted);
  if (place == nullptr) return;
  RuleIndex index;
  index.root = place->root;
  index.argument = place->argument;
  index.where = place->where;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (const Term* value = value_at(wanted[i], *place)) index.candidates[*value];
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Term* value = value_at(wanted[i], *place);
    if (value != nullptr) {
      index.candidates[*value].push_back(rules.all[i]);
      continue;
    }
    index.others.push_back(rules.all[i]);
    for (auto& [key, candidates] : index.candidates) candidates.push_back(rules.all[i]);
  }
  rules.index = std::move(index);
}

}  // namespace writ::rego
