// What needs no unknowns is left to the evaluator; what can only stay is written as it was.
#include <algorithm>

#include "policy/compile/compiler.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"
#include "policy/term/build.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

bool is_input(const ast::Term& ref) {
  return ref.is(Form::ref) && ref.parts[0].is_var() && ref.parts[0].slot < 0 &&
         ref.parts[0].name == "input";
}

}  // namespace

Term PartialMachine::known_document(const Node& node) {
  const auto found = known_.find(&node);
  if (found != known_.end()) return found->second;
  const auto rows = rows_of("v = " + to_text(node), {"v"});
  return known_[&node] = rows.empty() ? Term() : rows[0][0];
}

std::vector<std::vector<Term>> PartialMachine::rows_of(const std::string& text,
                                                       const std::vector<std::string>& names) {
  std::vector<std::vector<Term>> out;
  // Made of what was checked as it was written: with values in place of references, a comparison
  // that cannot hold is no mistake.
  const auto query = compile_query(program_, text, {.checks_types = false});
  if (!query) {
    fail(query.error()[0].code, query.error()[0].message);
    return out;
  }
  EvalInput input;
  input.input = input_.input;
  input.data = input_.data;
  input.services = input_.services;
  input.limits = options_.limits;
  input.limits.steps = steps_left_;
  input.limits.stack_bytes /= 4;
  input.strict_builtin_errors = options_.strict_builtin_errors;
  input.stop = options_.stop;
  const Answer& answer = evaluator_.evaluate(**query, input);
  if (answer.error) {
    if (!failed()) error_ = *answer.error;
    return out;
  }
  for (const Solution& row : answer.rows) {
    std::vector<Term>& values = out.emplace_back();
    for (const std::string& name : names) {
      const auto& bindings = (*query)->bindings;
      const auto at = std::ranges::find(bindings, name, &Query::Binding::name);
      values.push_back(
          copy_term(arena_, row.bindings[static_cast<std::size_t>(at - bindings.begin())]));
    }
  }
  return out;
}

Outcome PartialMachine::invoke_known(const BuiltinEntry& builtin, const std::vector<Term>& args,
                                     BuiltinError& problem) {
  Call call(*builtin.row, args, env_);
  Outcome out = invoke(builtin, call);
  if (out.failed()) problem = call.problem();
  return out;
}

bool PartialMachine::has_residual(const Frame& frame, Slot slot) const {
  const auto at = static_cast<std::size_t>(slot);
  return at < frame.slots.size() && frame.is_bound[at] && !is_known(frame.slots[at]);
}

bool PartialMachine::is_tainted(const ast::Term& term, const Frame& frame) {
  bool out = unknowns_.taints(term, prepared_);
  visit_slots(term, [&](Slot slot) { out = out || has_residual(frame, slot); });
  return out;
}

bool PartialMachine::is_tainted(const ast::Statement& statement, const Frame& frame) {
  bool out = unknowns_.taints(statement, prepared_);
  visit_slots(statement, [&](Slot slot) { out = out || has_residual(frame, slot); });
  return out;
}

ast::Term PartialMachine::as_written(const ast::Term& term, Frame& frame) {
  ast::Term out = term;
  std::map<Slot, std::string> own;
  write_out(out, frame, own, static_cast<Slot>(frame.slots.size()), true);
  return out;
}

ast::Statement PartialMachine::as_written(const ast::Statement& statement, Frame& frame) {
  ast::Statement out = statement;
  std::map<Slot, std::string> own;
  const auto none = static_cast<Slot>(frame.slots.size());
  write_out(out, frame, own, none, statement.with.empty());
  return out;
}

// Below `input`, what is known is written down: whoever has the residue need not have it.
void PartialMachine::replace_input(ast::Term& ref) const {
  std::vector<Term> path;
  const Term* value = &input_.input;
  std::size_t i = 1;
  for (; i < ref.parts.size() && is_known(ref.parts[i]); ++i) {
    if (value != nullptr) value = value->at(ref.parts[i].value);
    path.push_back(ref.parts[i].value);
  }
  const bool is_open = unknowns_.covers(false, path) || unknowns_.reaches_below(false, path);
  if (is_open || value == nullptr || !value->is_defined()) return;
  if (i == ref.parts.size()) {
    ref = make_scalar(*value, ref.at);
    return;
  }
  if (!value->is_collection()) return;  // no reference begins at a scalar
  ref.parts.erase(ref.parts.begin() + 1, ref.parts.begin() + static_cast<std::ptrdiff_t>(i));
  ref.parts[0] = make_scalar(*value, ref.at);
}

// Slots from `first_own` on belong to a closure around the term.
void PartialMachine::write_out(ast::Term& term, Frame& frame, std::map<Slot, std::string>& own,
                               Slot first_own, bool replaces_input) {
  if (term.is_var()) {
    if (term.slot < 0) return;
    if (frame.has(term.slot)) {
      term = frame.at(term.slot);
    } else if (term.slot >= first_own || term.name == "_") {
      const auto [at, is_new] = own.emplace(term.slot, term.name);
      if (is_new && term.name != "_") at->second = fresh(term.name).name;
      term.name = at->second;
      term.slot = kNoSlot;
    } else {
      term = opened(term, frame);
    }
    return;
  }
  const Slot inner = term.is_comprehension() ? std::min(first_own, term.slot) : first_own;
  if (term.body) {
    term.body = std::make_shared<ast::Body>(*term.body);
    for (ast::Statement& one : *term.body) write_out(one, frame, own, inner, replaces_input);
  }
  for (ast::Term& part : term.parts) write_out(part, frame, own, inner, replaces_input);
  if (replaces_input && is_input(term)) replace_input(term);
  // A reference to what was a reference: one after the other.
  if (term.is(Form::ref) && term.parts[0].is(Form::ref)) {
    std::vector<ast::Term> parts = term.parts[0].parts;
    parts.insert(parts.end(), term.parts.begin() + 1, term.parts.end());
    term.parts = std::move(parts);
  }
}

void PartialMachine::write_out(ast::Statement& statement, Frame& frame,
                               std::map<Slot, std::string>& own, Slot first_own,
                               bool replaces_input) {
  replaces_input = replaces_input && statement.with.empty();
  Slot inner = first_own;
  if (statement.kind == ast::Statement::Kind::every) inner = std::min(inner, statement.slot);
  for (std::size_t i = 0; i < statement.terms.size(); ++i) {
    write_out(statement.terms[i], frame, own, inner, replaces_input);
  }
  if (statement.body) {
    statement.body = std::make_shared<ast::Body>(*statement.body);
    for (ast::Statement& one : *statement.body) {
      write_out(one, frame, own, inner, replaces_input);
    }
  }
  for (ast::With& with : statement.with) write_out(with.value, frame, own, first_own, true);
}

// Variables that the statement binds come back from the rows.
void PartialMachine::run_known(const ast::Statement& statement, Frame& frame, Then then) {
  ast::Statement written = statement;
  std::vector<Slot> open;
  visit_slots(statement, [&](Slot slot) {
    const bool is_new = std::ranges::find(open, slot) == open.end();
    const std::string& name = frame.branch->names[static_cast<std::size_t>(slot)];
    if (is_new && !frame.has(slot) && name != "_") open.push_back(slot);
  });
  const Undo undo(*this);
  std::vector<std::string> names;
  for (const Slot slot : open) {
    ast::Term var = make_var(fresh("v").name, statement.at);
    names.push_back(var.name);
    bind(frame, slot, std::move(var));
  }
  written = as_written(statement, frame);
  for (const Slot slot : open) frame.is_bound[static_cast<std::size_t>(slot)] = false;
  // A query of one expression would show false instead of failing.
  for (const auto& row : rows_of(ast::to_text(written) + "; true", names)) {
    const Undo one(*this);
    for (std::size_t i = 0; i < open.size(); ++i) {
      bind(frame, open[i], make_scalar(row[i], statement.at));
    }
    then();
  }
}

}  // namespace writ::rego::partial
