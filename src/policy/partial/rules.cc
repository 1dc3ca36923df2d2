// Rules taken into the bodies that refer to them, and calls.
#include "policy/compile/callee.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"

namespace writ::rego::partial {
namespace {

// Whether a default of false or another value than the one that is wanted may be left aside.
bool needs_default(const Branch& fallback, const ast::Term* constant, bool must_hold) {
  if (!is_known(fallback.value)) return true;
  if (constant != nullptr) return constant->value == fallback.value.value;
  return !must_hold || !fallback.value.value.is_false();
}

}  // namespace

void PartialMachine::follow_rules(const Place& place, const ast::Term& ref, std::size_t i,
                                  Frame& frame, const Want& want, ThenTerm then) {
  const Node& node = *place.node;
  if (node.rules->kind == RuleSet::Kind::function) return;
  if (!unknowns_.taints(node, prepared_)) {
    const Term document = known_document(node);
    if (!document.is_defined()) return;
    return follow_value(make_scalar(document, ref.at), ref, i, frame, then);
  }
  if (unknowns_.keeps(node)) return follow_support(node, ref, i, frame, then);
  switch (node.rules->kind) {
    case RuleSet::Kind::complete:
      return follow_complete(place, ref, i, frame, want, then);
    case RuleSet::Kind::set:
      return follow_members(node, ref, i, frame, then);
    default:
      return follow_object(place, ref, i, frame, want, then);
  }
}

void PartialMachine::follow_support(const Node& node, const ast::Term& ref, std::size_t i,
                                    Frame& frame, ThenTerm then) {
  const Stand& stand = supported(node);
  if (failed()) return;
  if (!stand.is_known) return stay(stand.ref, ref, i, frame, then);
  if (stand.value.is_defined()) {
    follow_value(make_scalar(stand.value, ref.at), ref, i, frame, then);
  }
}

void PartialMachine::follow_complete(const Place& place, const ast::Term& ref, std::size_t i,
                                     Frame& frame, const Want& want, ThenTerm then) {
  const Node& node = *place.node;
  const RuleChains& rules = prepared_.rules(node);
  const bool is_end = i == ref.parts.size();
  const bool is_default_wanted =
      rules.fallback != nullptr &&
      (!is_end || needs_default(*rules.fallback, want.constant, want.must_hold));
  if (is_default_wanted) return follow_support(node, ref, i, frame, then);
  for (const Chain& chain : rules.chains) {
    if (failed()) return;
    run_chain(chain, 0, {},
              [&](const Residue& found) { follow_value(found.value, ref, i, frame, then); });
  }
}

void PartialMachine::follow_members(const Node& node, const ast::Term& ref, std::size_t i,
                                    Frame& frame, ThenTerm then) {
  if (i == ref.parts.size()) return follow_support(node, ref, i, frame, then);
  for (const Chain& chain : prepared_.rules(node).chains) {
    if (failed()) return;
    run_chain(chain, 0, {}, [&](const Residue& found) {
      match(ref.parts[i], frame, found.value, [&] {
        const ast::Term member = plugged(ref.parts[i], frame);
        follow_value(is_known(member) ? member : found.value, ref, i + 1, frame, then);
      });
    });
  }
}

// Rules with keys in their heads, and all rules below the node. A reference that ends before the
// keys do means an object that is put together from several rules.
void PartialMachine::follow_object(const Place& place, const ast::Term& ref, std::size_t i,
                                   Frame& frame, const Want& want, ThenTerm then) {
  const Node& node = *place.node;
  const RuleChains& rules = prepared_.rules(node);
  for (const Chain& chain : rules.chains) {
    const Branch& branch = *chain[0];
    if (ref.parts.size() - i < branch.path.size() + (branch.is_set ? 1 : 0)) {
      return follow_support(node, ref, i, frame, then);
    }
  }
  for (const Chain& chain : rules.chains) {
    if (failed()) return;
    run_chain(chain, 0, {}, [&](const Residue& found) {
      follow_keys(found, chain[0]->is_set, 0, ref, i, frame, then);
    });
  }
  for (const auto& [key, child] : node.children) {
    const Place next = below(place, key);
    match(ref.parts[i], frame, make_scalar(key, ref.at),
          [&] { follow_place(next, ref, i + 1, frame, want, then); });
  }
}

void PartialMachine::follow_keys(const Residue& head, bool is_set, std::size_t key,
                                 const ast::Term& ref, std::size_t i, Frame& frame, ThenTerm then) {
  if (key < head.keys.size()) {
    return match(ref.parts[i], frame, head.keys[key],
                 [&] { follow_keys(head, is_set, key + 1, ref, i + 1, frame, then); });
  }
  if (!is_set) return follow_value(head.value, ref, i, frame, then);
  match(ref.parts[i], frame, head.value,
        [&] { follow_value(head.value, ref, i + 1, frame, then); });
}

void PartialMachine::run_branch(const Branch& branch, const std::vector<ast::Term>& args,
                                ThenResidue then) {
  Frame frame(branch);
  const Undo undo(*this);
  for (std::size_t i = 0; i < args.size(); ++i) bind(frame, branch.args[i], args[i]);
  run(branch.goals, 0, frame, [&] {
    Residue out;
    for (const ast::Term& key : branch.path) out.keys.push_back(plugged(key, frame));
    out.value = plugged(branch.value, frame);
    then(out);
  });
}

// A later branch counts where the bodies of those before it do not hold.
void PartialMachine::run_chain(const Chain& chain, std::size_t i,
                               const std::vector<ast::Term>& args, ThenResidue then) {
  if (i + 1 == chain.size()) return run_branch(*chain[i], args, then);
  const std::int32_t mark = next_var_;
  const std::vector<Residue> residues =
      collect([&](ThenResidue found) { run_branch(*chain[i], args, found); });
  for (const Residue& residue : residues) {
    if (failed()) return;
    const Undo undo(*this);
    for (const ast::Statement& statement : residue.body) save({statement, false});
    Residue found = residue;
    found.body.clear();
    then(found);
  }
  negate(residues, mark, [&] { run_chain(chain, i + 1, args, then); });
}

void PartialMachine::negate(const std::vector<Residue>& residues, std::int32_t mark, Then then) {
  if (failed()) return;
  if (residues.empty()) return then();
  for (const Residue& residue : residues) {
    if (residue.body.empty()) return;
  }
  if (has_plain_opposite(residues, mark)) return choose_opposites(residues, 0, then);
  const std::string name = "__not" + std::to_string(next_helper_++) + "__";
  // What the bodies share with their surroundings is handed over.
  std::map<std::int32_t, ast::Term, std::greater<>> shared;
  for (const Residue& residue : residues) {
    for (ast::Statement statement : residue.body) {
      visit_vars(statement, [&](const ast::Term& var) {
        if (is_residual_var(var) && var.slot > mark) shared.emplace(var.slot, var);
      });
    }
  }
  std::vector<ast::Term> args;
  for (const auto& [slot, var] : shared) args.push_back(var);
  for (const Residue& residue : residues) support_.add_helper(name, args, residue);
  ast::Term callee;
  callee.kind = ast::Term::Kind::ref;
  callee.parts = {make_var("data", {}), make_scalar(borrow_string("partial"), {}),
                  make_scalar(make_string(arena_, name), {})};
  ast::Term call = callee;
  if (!args.empty()) {
    call = ast::Term{};
    call.kind = ast::Term::Kind::call;
    call.parts = std::move(args);
    call.parts.insert(call.parts.begin(), std::move(callee));
  }
  const Undo undo(*this);
  Condition condition = make_condition(std::move(call));
  condition.statement.negated = true;
  save(std::move(condition));
  then();
}

void PartialMachine::choose_opposites(const std::vector<Residue>& residues, std::size_t i,
                                      Then then) {
  if (i == residues.size()) return then();
  for (const ast::Statement& statement : residues[i].body) {
    const Undo undo(*this);
    save({opposite(statement), false});
    choose_opposites(residues, i + 1, then);
  }
}

}  // namespace writ::rego::partial
