// `with`: what a statement sees in the place of input, data and functions.
#include <fmt/format.h>

#include <utility>

#include "policy/compile/body_compiler.h"

namespace writ::rego {

using Form = ast::Term::Kind;

void BodyCompiler::emit_with(const Goal& goal, Chain& chain, Bound& bound) {
  auto* const step = make<With>(goal.at);
  for (const ast::With& with : goal.with) {
    Replacement replacement;
    if (read_replacement(with, replacement, chain, bound)) {
      step->replacements.push_back(std::move(replacement));
    }
  }
  Chain inner;
  BodyOrder order;
  emit_all(goal.goals, inner, bound, order);
  note_inner(std::move(order));
  auto* const outside = make<Outside>(goal.at);
  outside->with = step;
  inner.add(outside);
  step->body = inner.code();
  chain.add(step);
}

bool BodyCompiler::read_function_target(const ast::With& with, Replacement& out) {
  const Callee target = find_callee(
      program_, with.target.is_var() || with.target.parts[0].name == "data" ? with.target : [&] {
        ast::Term name;
        name.kind = Form::var;
        name.name = dotted_name(with.target);
        return name;
      }());
  if (!target.is_known()) return false;
  out.kind = Replacement::Kind::function;
  out.node = target.function;
  out.builtin = target.builtin;
  if (target.builtin != nullptr && target.builtin->is(Trait::internal)) {
    refuse(kCompileError, with.at,
           fmt::format("with keyword replacing built-in function: replacement of internal function "
                       "\"{}\" invalid",
                       target.builtin->name()));
  }
  ast::Term name = with.value;
  if (name.is(Form::ref) && name.parts[0].name != "data") {
    name.kind = Form::var;
    name.name = dotted_name(with.value);
  }
  const Callee by = find_callee(program_, name);
  if (!by.is_known()) return true;
  if (by.arity != target.arity) {
    refuse(kTypeError, with.at, fmt::format("{}: arity mismatch", ast::to_text(with.target)));
  }
  out.by_node = by.function;
  out.by_builtin = by.builtin;
  if (by.function != nullptr) depend_on(by.function);
  return true;
}

bool BodyCompiler::read_replacement(const ast::With& with, Replacement& out, Chain& chain,
                                    Bound& bound) {
  const bool is_function = read_function_target(with, out);
  const std::string root = with.target.is_var() ? with.target.name : with.target.parts[0].name;
  if (!is_function && root != "input" && root != "data") {
    refuse(kTypeError, with.at,
           "with keyword target must reference existing input, data, or a function");
    return false;
  }
  if (!is_function) {
    out.kind = root == "input" ? Replacement::Kind::input : Replacement::Kind::data;
    for (std::size_t i = 1; i < with.target.parts.size(); ++i) {
      const ast::Term& key = with.target.parts[i];
      if (!key.is(Form::scalar)) {
        refuse(kTypeError, with.at, "with keyword target must be ground");
        return false;
      }
      out.path.push_back(key.value);
    }
    if (root == "data" && with.target.is(Form::ref)) {
      const Reached reached = reach(program_, with.target);
      if (reached.node != nullptr && reached.parts == with.target.parts.size()) {
        out.node = reached.node;
      } else if (reached.node != nullptr) {
        refuse(kCompileError, with.at, "with keyword cannot partially replace virtual document(s)");
      }
    }
    if (root == "data" && with.target.is_var()) out.node = program_.root.get();
  }
  if (out.by_node != nullptr || out.by_builtin != nullptr) return true;
  if (with.value.is(Form::ref)) {
    Goal value;
    value.kind = Goal::Kind::reference;
    value.at = with.at;
    value.terms.push_back(with.value);
    value.out = ast::Term{};
    value.out->kind = Form::var;
    value.out->slot = names_.fresh();
    std::vector<Goal> goals;
    // Its keys may be references again.
    const bool is_root = with.value.parts[0].is_var();
    for (std::size_t i = is_root ? 1 : 0; i < value.terms[0].parts.size(); ++i) {
      value.terms[0].parts[i] = flattener_.simple(with.value.parts[i], goals);
    }
    goals.push_back(value);
    BodyOrder order;
    emit_all(goals, chain, bound, order);
    order.goals = std::move(goals);
    note_inner(std::move(order));
    out.value = in_slot(value.out->slot);
    return true;
  }
  if (with.value.is_var() && with.value.slot < 0) {
    refuse(kTypeError, with.at, "undefined function " + with.value.name);
    return false;
  }
  out.value = operand(with.value, chain);
  return true;
}

}  // namespace writ::rego
