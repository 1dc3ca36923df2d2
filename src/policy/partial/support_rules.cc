// Rules that stay rules, with what is known worked in.
#include <algorithm>

#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"
#include "policy/term/build.h"

namespace writ::rego::partial {

const PartialMachine::Stand& PartialMachine::supported(const Node& node) {
  const auto found = supported_.find(&node);
  if (found != supported_.end()) return found->second;
  Stand stand;
  switch (node.rules->kind) {
    case RuleSet::Kind::complete:
      stand = support_rules(node);
      break;
    case RuleSet::Kind::set:
      stand = support_members(node);
      break;
    default:
      support_entries(node);
  }
  stand.ref = Support::ref_of(node);
  return supported_.emplace(&node, std::move(stand)).first->second;
}

void PartialMachine::support_chain(const Node& node, const Chain& chain,
                                   const std::vector<ast::Term>& args, std::vector<Residue>& out) {
  const std::vector<Residue> residues =
      collect([&](ThenResidue found) { run_chain(chain, 0, args, found); });
  out.insert(out.end(), residues.begin(), residues.end());
  for (const Residue& residue : residues) {
    if (!args.empty()) {
      support_.add_function(node, args, residue);
    } else if (!chain[0]->path.empty()) {
      support_.add_entry(node, residue, chain[0]->is_set);
    }
  }
}

PartialMachine::Stand PartialMachine::support_rules(const Node& node) {
  const RuleChains& rules = prepared_.rules(node);
  std::vector<Residue> residues;
  for (const Chain& chain : rules.chains) support_chain(node, chain, {}, residues);
  Stand out;
  const bool is_certain =
      std::ranges::any_of(residues, [](const Residue& residue) { return residue.body.empty(); });
  const bool has_one_value = std::ranges::all_of(residues, [&](const Residue& residue) {
    return is_known(residue.value) && residue.value.value == residues[0].value.value;
  });
  if (residues.empty() || (is_certain && has_one_value)) {
    out.is_known = true;
    if (!residues.empty()) {
      out.value = residues[0].value.value;
    } else if (rules.fallback != nullptr) {
      out.value = rules.fallback->value.value;
    }
    return out;
  }
  if (rules.fallback != nullptr) support_.add_default(node, rules.fallback->value);
  for (const Residue& residue : residues) support_.add_value(node, residue);
  return out;
}

PartialMachine::Stand PartialMachine::support_members(const Node& node) {
  std::vector<Residue> residues;
  for (const Chain& chain : prepared_.rules(node).chains) support_chain(node, chain, {}, residues);
  Stand out;
  out.is_known = std::ranges::all_of(residues, [](const Residue& residue) {
    return residue.body.empty() && is_known(residue.value);
  });
  std::vector<Term> members;
  for (const Residue& residue : residues) {
    if (out.is_known) {
      members.push_back(residue.value.value);
    } else {
      support_.add_member(node, residue);
    }
  }
  if (out.is_known) out.value = make_set(arena_, std::move(members));
  return out;
}

void PartialMachine::support_function(const Node& node) {
  if (supported_.contains(&node)) return;
  supported_.emplace(&node, Stand{});
  const RuleChains& rules = prepared_.rules(node);
  std::vector<ast::Term> args;
  for (std::size_t i = 0; i < rules.arity; ++i) args.push_back(fresh("arg"));
  std::vector<Residue> residues;
  for (const Chain& chain : rules.chains) support_chain(node, chain, args, residues);
  if (rules.fallback != nullptr) {
    support_.add_default_function(node, rules.arity, rules.fallback->value);
  }
}

// Everything below the node as support, base documents as rules with their value.
void PartialMachine::support_below(const Node& node) {
  if (node.rules) {
    if (node.rules->kind == RuleSet::Kind::function) return;
    const Stand& stand = supported(node);
    if (!stand.is_known || !stand.value.is_defined()) return;
    Residue whole;
    whole.value = make_scalar(stand.value, {});
    return support_.add_value(node, whole);
  }
  for (const auto& [key, child] : node.children) {
    if (failed()) return;
    support_below(*child);
  }
  support_base(node);
  support_.add_empty(node);
}

// Rules with keys in their heads, and all below them.
void PartialMachine::support_entries(const Node& node) {
  std::vector<Residue> residues;
  for (const Chain& chain : prepared_.rules(node).chains) {
    support_chain(node, chain, {}, residues);
  }
  for (const auto& [key, child] : node.children) {
    if (failed()) return;
    support_below(*child);
  }
  support_base(node);
  // What is there only under conditions is an empty object without them.
  const bool is_certain =
      std::ranges::any_of(residues, [](const Residue& residue) { return residue.body.empty(); });
  if (!is_certain) support_.add_empty(node);
}

void PartialMachine::support_base(const Node& node) {
  const Term* base = &input_.data;
  for (const Term& key : node.path) {
    if (base != nullptr) base = base->at(key);
  }
  if (base == nullptr || !base->is_object()) return;
  for (std::size_t i = 0; i < base->size(); ++i) {
    if (node.child(base->keys()[i]) != nullptr) continue;
    Residue entry;
    entry.keys.push_back(make_scalar(base->keys()[i], {}));
    entry.value = make_scalar(base->values()[i], {});
    support_.add_entry(node, entry, false);
  }
}

}  // namespace writ::rego::partial
