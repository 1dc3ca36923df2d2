// Calls of builtins and of functions.
#include <algorithm>

#include "policy/compile/callee.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"

namespace writ::rego::partial {

void PartialMachine::run_call(const Goal& goal, Frame& frame, Then then) {
  const ast::Term& name = goal.terms[0].parts[0];
  const Callee callee = find_callee(*program_, name);
  if (callee.builtin != nullptr) return run_builtin(goal, *callee.builtin, frame, then);
  std::vector<ast::Term> args;
  for (std::size_t i = 1; i < goal.terms[0].parts.size(); ++i) {
    args.push_back(plugged(goal.terms[0].parts[i], frame));
  }
  if (unknowns_.keeps(*callee.function)) {
    support_function(*callee.function);
    args.insert(args.begin(), Support::ref_of(*callee.function));
    return ask_builtin(goal, std::move(args), frame, then);
  }
  run_function(*callee.function, std::move(args),
               [&](const ast::Term& value) { take(goal, value, frame, then); });
}

// Every definition, and where none holds the default.
void PartialMachine::run_function(const Node& node, std::vector<ast::Term> args, ThenTerm then) {
  const RuleChains& rules = prepared_.rules(node);
  if (rules.fallback == nullptr) {
    for (const Chain& chain : rules.chains) {
      run_chain(chain, 0, args, [&](const Residue& found) { then(found.value); });
    }
    return;
  }
  const std::int32_t mark = next_var_;
  const std::vector<Residue> residues = collect([&](ThenResidue found) {
    for (const Chain& chain : rules.chains) run_chain(chain, 0, args, found);
  });
  for (const Residue& residue : residues) {
    if (failed()) return;
    const Undo undo(*this);
    for (const ast::Statement& statement : residue.body) save({statement, false});
    then(residue.value);
  }
  negate(residues, mark, [&] { then(rules.fallback->value); });
}

bool PartialMachine::can_call(const BuiltinEntry& builtin,
                              const std::vector<ast::Term>& args) const {
  if (builtin.is(Trait::nondeterministic) && !options_.calls_nondeterministic) return false;
  return std::ranges::all_of(args, is_known);
}

void PartialMachine::run_builtin(const Goal& goal, const BuiltinEntry& builtin, Frame& frame,
                                 Then then) {
  std::vector<ast::Term> args;
  for (std::size_t i = 1; i < goal.terms[0].parts.size(); ++i) {
    args.push_back(plugged(goal.terms[0].parts[i], frame));
  }
  if (!can_call(builtin, args)) {
    args.insert(args.begin(), goal.terms[0].parts[0]);
    return ask_builtin(goal, std::move(args), frame, then);
  }
  std::vector<Term> values;
  for (const ast::Term& arg : args) values.push_back(arg.value);
  BuiltinError problem;
  const Outcome outcome = invoke_known(builtin, values, problem);
  if (outcome.failed()) {
    if (problem.kind == BuiltinError::Kind::conflict) return fail(kConflictError, problem.message);
    const bool is_type = problem.kind == BuiltinError::Kind::type;
    if (options_.strict_builtin_errors) {
      fail(is_type ? kEvalTypeError : kBuiltinError, problem.message);
    }
    return;
  }
  if (!outcome.value().is_defined()) return;
  if (!builtin.is(Trait::relation)) {
    return take(goal, make_scalar(outcome.value(), goal.at), frame, then);
  }
  for (const Term& one : outcome.value().items()) {
    if (failed()) return;
    take(goal, make_scalar(one, goal.at), frame, then);
  }
}

// The call stays; what it comes to is its last argument. `parts`: the callee, then arguments.
void PartialMachine::ask_builtin(const Goal& goal, std::vector<ast::Term> parts, Frame& frame,
                                 Then then) {
  const Undo undo(*this);
  ast::Term call;
  call.kind = ast::Term::Kind::call;
  call.at = goal.at;
  call.parts = std::move(parts);
  if (!goal.out) {
    save(make_condition(std::move(call)));
    return then();
  }
  ast::Term value = plugged(*goal.out, frame);
  if (!is_known(value)) value = fresh_for(*goal.out, frame);
  call.parts.push_back(value);
  save(make_condition(std::move(call)));
  match(*goal.out, frame, value, then);
}

}  // namespace writ::rego::partial
