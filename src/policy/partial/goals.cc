#include "policy/compile/callee.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

// Elements of a collection that is known as such: key and value, key and value …
std::optional<std::vector<ast::Term>> elements(const ast::Term& of) {
  std::vector<ast::Term> out;
  const auto add = [&](const Term& key, const Term& value) {
    out.push_back(make_scalar(key, of.at));
    out.push_back(make_scalar(value, of.at));
  };
  if (of.is(Form::object)) return of.parts;
  if (of.is(Form::array) || of.is(Form::set)) {
    for (std::size_t i = 0; i < of.parts.size(); ++i) {
      const bool is_array = of.is(Form::array);
      out.push_back(is_array ? make_scalar(Term::integer(static_cast<std::int64_t>(i)), of.at)
                             : of.parts[i]);
      out.push_back(of.parts[i]);
    }
    return out;
  }
  if (!is_known(of)) return std::nullopt;
  if (of.value.is_object()) {
    for (std::size_t i = 0; i < of.value.size(); ++i) add(of.value.keys()[i], of.value.values()[i]);
  } else if (of.value.is_array() || of.value.is_set()) {
    std::int64_t i = 0;
    for (const Term& item : of.value.items()) {
      add(of.value.is_set() ? item : Term::integer(i++), item);
    }
  }
  return out;
}

}  // namespace

void PartialMachine::run(const std::vector<Goal>& goals, std::size_t i, Frame& frame, Then then) {
  if (!may_go_on()) return;
  if (i == goals.size()) return then();
  const Undo undo(*this);
  run_goal(goals[i], frame, [&] { run(goals, i + 1, frame, then); });
}

void PartialMachine::run_goal(const Goal& goal, Frame& frame, Then then) {
  switch (goal.kind) {
    case Goal::Kind::unify: {
      const bool binds_left = is_closed(goal.terms[1], frame);
      const ast::Term& value = goal.terms[binds_left ? 1 : 0];
      return match(goal.terms[binds_left ? 0 : 1], frame, plugged(value, frame), then);
    }
    case Goal::Kind::holds:
      return holds(plugged(goal.terms[0], frame), then);
    case Goal::Kind::reference:
      return follow(goal, frame, [&](const ast::Term& value) { take(goal, value, frame, then); });
    case Goal::Kind::call:
      return run_call(goal, frame, then);
    case Goal::Kind::set:
      return take(goal, plugged(goal.terms[0], frame), frame, then);
    case Goal::Kind::comprehension:
      return run_comprehension(goal, frame, then);
    case Goal::Kind::every:
      return run_every(goal, frame, then);
    case Goal::Kind::negation: {
      const std::int32_t mark = next_var_;
      const auto residues =
          collect([&](ThenResidue found) { run(goal.goals, 0, frame, [&] { found({}); }); });
      return negate(residues, mark, then);
    }
    case Goal::Kind::with:
      return run_with(goal, frame, then);
    case Goal::Kind::fail:
      return;
  }
}

void PartialMachine::holds(const ast::Term& value, Then then) {
  if (is_known(value)) {
    if (value.value.is_defined() && !value.value.is_false()) then();
    return;
  }
  const Undo undo(*this);
  if (value.is_var() || value.is(Form::ref)) save(make_condition(value));
  then();
}

void PartialMachine::take(const Goal& goal, const ast::Term& value, Frame& frame, Then then) {
  if (goal.out) return match(*goal.out, frame, value, then);
  if (goal.must_hold) return holds(value, then);
  then();
}

void PartialMachine::run_comprehension(const Goal& goal, Frame& frame, Then then) {
  if (!is_tainted(goal.terms[0], frame)) {
    const auto rows = rows_of("v = " + ast::to_text(as_written(goal.terms[0], frame)), {"v"});
    for (const auto& row : rows) take(goal, make_scalar(row[0], goal.at), frame, then);
    return;
  }
  const Undo undo(*this);
  const ast::Term out = goal.out ? fresh_for(*goal.out, frame) : fresh("");
  save(make_condition(make_eq(out, as_written(goal.terms[0], frame))));
  take(goal, out, frame, then);
}

void PartialMachine::run_every(const Goal& goal, Frame& frame, Then then) {
  const ast::Term domain = plugged(goal.terms[0], frame);
  if (const auto items = elements(domain)) {
    if (is_known(domain) && !domain.value.is_collection()) return;
    ast::Term list;
    list.parts = *items;
    return every_from(goal, list, 0, frame, then);
  }
  const Undo undo(*this);
  Condition condition;
  condition.statement = as_written(*goal.statement, frame);
  save(std::move(condition));
  then();
}

// Each element's own ways; the first that holds without conditions makes the others needless.
void PartialMachine::every_from(const Goal& goal, const ast::Term& domain, std::size_t i,
                                const Frame& frame, Then then) {
  if (!may_go_on()) return;
  if (i == domain.parts.size()) return then();
  Frame inner = frame;
  const auto& terms = goal.statement->terms;
  const std::vector<Residue> residues = collect([&](ThenResidue found) {
    const Undo undo(*this);
    if (terms.size() == 3) bind(inner, terms[0].slot, domain.parts[i]);
    bind(inner, terms[terms.size() - 2].slot, domain.parts[i + 1]);
    run(prepared_.every_body(*goal.statement), 0, inner, [&] { found({}); });
  });
  for (const Residue& residue : residues) {
    if (residue.body.empty()) return every_from(goal, domain, i + 2, frame, then);
  }
  for (const Residue& residue : residues) {
    const Undo undo(*this);
    for (const ast::Statement& statement : residue.body) save({statement, false});
    every_from(goal, domain, i + 2, frame, then);
  }
}

void PartialMachine::run_with(const Goal& goal, Frame& frame, Then then) {
  if (!is_tainted(*goal.statement, frame)) return run_known(*goal.statement, frame, then);
  const Undo undo(*this);
  Condition condition;
  condition.statement = as_written(*goal.statement, frame);
  save(std::move(condition));
  then();
}

}  // namespace writ::rego::partial
