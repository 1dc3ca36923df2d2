#include "policy/compile/goal.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;

bool all_bound(const Goal& goal, const Bound& bound) {
  bool out = true;
  visit_slots(goal, [&](Slot slot) { out = out && bound.has(slot); });
  return out;
}

bool are_ground(const std::vector<ast::Term>& terms, std::size_t from, const Bound& bound) {
  for (std::size_t i = from; i < terms.size(); ++i) {
    if (!is_ground(terms[i], bound)) return false;
  }
  return true;
}

// Keys of objects in a pattern must be known before it can take a value apart.
bool has_known_keys(const ast::Term& pattern, const Bound& bound) {
  for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
    const bool is_key = pattern.is(Form::object) && i % 2 == 0;
    const ast::Term& part = pattern.parts[i];
    if (is_key ? !is_ground(part, bound) : !has_known_keys(part, bound)) return false;
  }
  return true;
}

bool is_with_ready(const Goal& goal, const Bound& bound) {
  for (const ast::With& with : goal.with) {
    bool known = true;
    visit_slots(with.value, [&](Slot slot) { known = known && bound.has(slot); });
    if (!known) return false;
  }
  return order(goal.goals, bound).size() == goal.goals.size();
}

// What the inner goals bind themselves does not have to be bound outside.
bool is_negation_ready(const Goal& goal, const Bound& bound) {
  Bound inner = bound;
  for (const Goal& one : goal.goals) {
    if (one.out && one.out->is_var() && one.out->name.empty()) inner.add(one.out->slot);
  }
  bool known = true;
  visit_slots(goal, [&](Slot slot) { known = known && inner.has(slot); });
  return known;
}

}  // namespace

bool is_ground(const ast::Term& term, const Bound& bound) {
  if (term.is_var()) return term.slot < 0 || bound.has(term.slot);
  return are_ground(term.parts, 0, bound);
}

void visit_slots(const Goal& goal, const std::function<void(Slot)>& visit) {
  for (const ast::Term& term : goal.terms) visit_slots(term, visit);
  if (goal.out) visit_slots(*goal.out, visit);
  if (goal.statement != nullptr) {
    visit_slots(*goal.statement, visit);
  }
  for (const ast::With& with : goal.with) visit_slots(with.value, visit);
  for (const Goal& inner : goal.goals) visit_slots(inner, visit);
}

bool is_ready(const Goal& goal, const Bound& bound) {
  if (goal.out && !has_known_keys(*goal.out, bound)) return false;
  switch (goal.kind) {
    case Goal::Kind::unify: {
      const ast::Term& a = goal.terms[0];
      const ast::Term& b = goal.terms[1];
      return (is_ground(a, bound) && has_known_keys(b, bound)) ||
             (is_ground(b, bound) && has_known_keys(a, bound));
    }
    case Goal::Kind::holds:
    case Goal::Kind::set:
      return is_ground(goal.terms[0], bound);
    case Goal::Kind::reference: {
      const ast::Term& ref = goal.terms[0];
      if (!is_ground(ref.parts[0], bound)) return false;
      for (std::size_t i = 1; i < ref.parts.size(); ++i) {
        if (!has_known_keys(ref.parts[i], bound)) return false;
      }
      return true;
    }
    case Goal::Kind::call:
      return are_ground(goal.terms[0].parts, 1, bound);
    case Goal::Kind::comprehension: {
      bool known = true;
      visit_slots(goal.terms[0], [&](Slot slot) { known = known && bound.has(slot); });
      return known;
    }
    case Goal::Kind::every: {
      bool known = is_ground(goal.terms[0], bound);
      for (const ast::Statement& inner : *goal.statement->body) {
        visit_slots(inner, [&](Slot slot) {
          known = known && (slot >= goal.statement->slot || bound.has(slot));
        });
      }
      return known;
    }
    case Goal::Kind::negation:
      return is_negation_ready(goal, bound);
    case Goal::Kind::with:
      return is_with_ready(goal, bound);
    case Goal::Kind::fail:
      break;
  }
  return all_bound(goal, bound);
}

void bind(const Goal& goal, Bound& bound) {
  const auto add = [&](Slot slot) { bound.add(slot); };
  switch (goal.kind) {
    case Goal::Kind::unify:
    case Goal::Kind::reference:
      for (const ast::Term& term : goal.terms) visit_slots(term, add);
      break;
    case Goal::Kind::with:
      for (const Goal& inner : goal.goals) bind(inner, bound);
      break;
    default:
      break;
  }
  if (goal.out) visit_slots(*goal.out, add);
}

std::vector<std::size_t> order(const std::vector<Goal>& goals, Bound bound) {
  std::vector<std::size_t> out;
  std::vector<bool> taken(goals.size());
  for (bool found = true; found && out.size() < goals.size();) {
    found = false;
    for (std::size_t i = 0; i < goals.size(); ++i) {
      if (taken[i] || !is_ready(goals[i], bound)) continue;
      bind(goals[i], bound);
      taken[i] = found = true;
      out.push_back(i);
    }
  }
  return out;
}

}  // namespace writ::rego
