#include "policy/partial/unknowns.h"

#include <algorithm>

#include "policy/compile/callee.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

bool is_prefix(const std::vector<Term>& prefix, const std::vector<Term>& of) {
  return prefix.size() <= of.size() && std::equal(prefix.begin(), prefix.end(), of.begin());
}

bool is_root(const ast::Term& ref, std::string_view name) {
  return ref.is(Form::ref) && ref.parts[0].is_var() && ref.parts[0].slot < 0 &&
         ref.parts[0].name == name;
}

}  // namespace

bool Unknowns::covers(bool is_data, const std::vector<Term>& path) const {
  return std::ranges::any_of(refs_, [&](const GroundRef& ref) {
    return ref.is_data == is_data && is_prefix(ref.path, path);
  });
}

bool Unknowns::reaches_below(bool is_data, const std::vector<Term>& path) const {
  return !keys_below(is_data, path).empty();
}

std::vector<Term> Unknowns::keys_below(bool is_data, const std::vector<Term>& path) const {
  std::vector<Term> out;
  for (const GroundRef& ref : refs_) {
    if (ref.is_data != is_data || ref.path.size() <= path.size()) continue;
    if (is_prefix(path, ref.path)) out.push_back(ref.path[path.size()]);
  }
  return out;
}

bool Unknowns::keeps(const Node& node) const {
  return std::ranges::any_of(disabled_, [&](const GroundRef& ref) {
    return ref.is_data && is_prefix(ref.path, node.path);
  });
}

// A key that is no constant may be any key.
bool Unknowns::overlaps(bool is_data, const ast::Term& ref) const {
  return std::ranges::any_of(refs_, [&](const GroundRef& unknown) {
    if (unknown.is_data != is_data) return false;
    const std::size_t size = std::min(unknown.path.size(), ref.parts.size() - 1);
    for (std::size_t i = 0; i < size; ++i) {
      const ast::Term& key = ref.parts[i + 1];
      if (is_known(key) && !(key.value == unknown.path[i])) return false;
    }
    return true;
  });
}

bool Unknowns::taints(const Node& node, Prepared& prepared) {
  const auto [at, is_new] = tainted_.emplace(&node, false);
  if (!is_new) return at->second;
  bool out = covers(true, node.path) || reaches_below(true, node.path) ||
             (node.rules && taints_own(node, prepared));
  for (const auto& [key, child] : node.children) out = out || taints(*child, prepared);
  return tainted_[&node] = out;
}

bool Unknowns::taints_own(const Node& node, Prepared& prepared) {
  for (const Chain& chain : prepared.rules(node).chains) {
    for (const Branch* branch : chain) {
      if (taints_branch(*branch, prepared)) return true;
    }
  }
  return false;
}

bool Unknowns::taints_branch(const Branch& branch, Prepared& prepared) {
  return std::ranges::any_of(branch.goals,
                             [&](const Goal& goal) { return taints_goal(goal, prepared); });
}

bool Unknowns::taints_goal(const Goal& goal, Prepared& prepared) {
  if (goal.statement != nullptr && taints(*goal.statement, prepared)) return true;
  for (const ast::Term& term : goal.terms) {
    if (taints(term, prepared)) return true;
  }
  return std::ranges::any_of(goal.goals,
                             [&](const Goal& inner) { return taints_goal(inner, prepared); });
}

bool Unknowns::taints(const ast::Statement& statement, Prepared& prepared) {
  for (const ast::Term& term : statement.terms) {
    if (taints(term, prepared)) return true;
  }
  for (const ast::With& with : statement.with) {
    if (taints(with.value, prepared)) return true;
  }
  if (!statement.body) return false;
  return std::ranges::any_of(*statement.body,
                             [&](const ast::Statement& inner) { return taints(inner, prepared); });
}

bool Unknowns::taints(const ast::Term& term, Prepared& prepared) {
  if (is_root(term, "input") && overlaps(false, term)) return true;
  if (is_root(term, "data") && taints_data(term, prepared)) return true;
  if (term.is(Form::call) && term.parts[0].is_var()) {
    const BuiltinEntry* const builtin = prepared.program().builtins->find(term.parts[0].name);
    const bool is_open = builtin != nullptr && builtin->is(Trait::nondeterministic);
    if (is_open && !calls_nondeterministic_) return true;
  }
  for (const ast::Term& part : term.parts) {
    if (taints(part, prepared)) return true;
  }
  if (!term.body) return false;
  return std::ranges::any_of(*term.body,
                             [&](const ast::Statement& inner) { return taints(inner, prepared); });
}

bool Unknowns::taints_data(const ast::Term& ref, Prepared& prepared) {
  if (overlaps(true, ref)) return true;
  const Reached reached = reach(prepared.program(), ref);
  return reached.node != nullptr && taints(*reached.node, prepared);
}

}  // namespace writ::rego::partial
