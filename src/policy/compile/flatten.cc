#include "policy/compile/goal.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;
using Statement = ast::Statement;

bool is_lifted(const ast::Term& term) {
  return term.is(Form::ref) || term.is(Form::call) || term.is_comprehension();
}

bool is_equation(const ast::Term& term) {
  return term.is(Form::call) && term.parts.size() == 3 && term.parts[0].is_var() &&
         term.parts[0].name == "eq";
}

bool is_constant(const std::vector<ast::Term>& parts) {
  for (const ast::Term& part : parts) {
    if (!part.is(Form::scalar)) return false;
  }
  return true;
}

bool has_variable_keys(const ast::Term& object) {
  for (std::size_t i = 0; i < object.parts.size(); i += 2) {
    if (!object.parts[i].is(Form::scalar)) return true;
  }
  return false;
}

// A composite of constants as one constant.
rego::Term folded(Arena& arena, const ast::Term& term) {
  std::vector<rego::Term> items;
  for (const ast::Term& part : term.parts) items.push_back(part.value);
  if (term.is(Form::array)) return make_array(arena, items);
  if (term.is(Form::set)) return make_set(arena, std::move(items));
  std::vector<Member> members;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) members.push_back({items[i], items[i + 1]});
  return make_object(arena, std::move(members));
}

}  // namespace

ast::Term unfolded(const ast::Term& term) {
  ast::Term out = term;
  if (!term.is(Form::scalar)) return out;
  if (term.value.is_array()) {
    out.kind = Form::array;
    for (const rego::Term& item : term.value.items())
      out.parts.push_back(make_scalar(item, term.at));
  } else if (term.value.is_object()) {
    out.kind = Form::object;
    for (std::size_t i = 0; i < term.value.size(); ++i) {
      out.parts.push_back(make_scalar(term.value.keys()[i], term.at));
      out.parts.push_back(make_scalar(term.value.values()[i], term.at));
    }
  }
  return out;
}

rego::Term constant_of(Arena& arena, const ast::Term& term) {
  if (term.is(Form::scalar)) return term.value;
  if (!term.is(Form::array) && !term.is(Form::set) && !term.is(Form::object)) return {};
  ast::Term copy = term;
  for (ast::Term& part : copy.parts) {
    part = make_scalar(constant_of(arena, part), part.at);
    if (!part.value.is_defined()) return {};
  }
  return folded(arena, copy);
}

ast::Term Flattener::temporary(Position at) {
  ast::Term out = make_var("", at);
  out.slot = names_.fresh();
  return out;
}

void Flattener::mark(const Statement& statement, std::span<Goal> goals) {
  for (Goal& goal : goals) {
    if (goal.statement_at.is_known()) continue;
    goal.statement_at = statement.at;
    goal.statement_begin = statement.begin;
    goal.statement_end = statement.end;
  }
}

void Flattener::statement(const Statement& statement, std::vector<Goal>& out) {
  const std::size_t first = out.size();
  conditions(statement, out);
  mark(statement, std::span(out).subspan(first));
}

void Flattener::conditions(const Statement& statement, std::vector<Goal>& out) {
  if (statement.kind == Statement::Kind::some) return;
  if (!statement.negated && statement.with.empty()) return plain(statement, out);
  std::vector<Goal> inner;
  plain(statement, inner);
  if (statement.negated) {
    Goal negation;
    negation.kind = Goal::Kind::negation;
    negation.at = statement.at;
    negation.goals = std::move(inner);
    inner.clear();
    inner.push_back(std::move(negation));
  }
  if (statement.with.empty()) {
    out.push_back(std::move(inner[0]));
    return;
  }
  Goal with;
  with.kind = Goal::Kind::with;
  with.at = statement.at;
  with.goals = std::move(inner);
  for (const ast::With& one : statement.with) {
    ast::With copy = one;
    // A name of a function or builtin is not a value; the emitter knows which it is.
    const bool is_name = one.value.is(Form::var) && one.value.slot < 0;
    if (!is_name && !one.value.is(Form::ref)) copy.value = simple(one.value, out);
    with.with.push_back(std::move(copy));
  }
  out.push_back(std::move(with));
}

ast::Term Flattener::value(const Statement& statement, std::vector<Goal>& out) {
  const bool is_value = statement.kind == Statement::Kind::term && !statement.negated &&
                        !is_equation(statement.terms[0]);
  if (!is_value) {
    this->statement(statement, out);
    return make_scalar(rego::Term::boolean(true), statement.at);
  }
  if (statement.with.empty()) {
    const std::size_t first = out.size();
    ast::Term result = simple(statement.terms[0], out);
    if (statement.terms[0].is(Form::call)) out.back().is_statement = true;
    mark(statement, std::span(out).subspan(first));
    return result;
  }
  ast::Term result = temporary(statement.at);
  Statement copy = statement;
  copy.terms[0] = make_call("eq", {result, statement.terms[0]}, statement.at);
  this->statement(copy, out);
  return result;
}

void Flattener::plain(const Statement& statement, std::vector<Goal>& out) {
  switch (statement.kind) {
    case Statement::Kind::some:
      return;
    case Statement::Kind::some_in:
      return some_in(statement, out);
    case Statement::Kind::every: {
      Goal goal;
      goal.kind = Goal::Kind::every;
      goal.at = statement.at;
      goal.statement = &statement;
      goal.terms.push_back(simple(statement.terms.back(), out));
      out.push_back(std::move(goal));
      return;
    }
    case Statement::Kind::term:
      if (is_equation(statement.terms[0])) {
        const auto& parts = statement.terms[0].parts;
        return equation(parts[1], parts[2], statement.at, out);
      }
      return test(statement.terms[0], out);
  }
}

void Flattener::test(const ast::Term& term, std::vector<Goal>& out) {
  if (is_lifted(term) && !term.is_comprehension()) {
    Goal goal = value_goal(term, out);
    goal.must_hold = true;
    // f(x, y) where f has one argument: y = f(x).
    auto& parts = goal.terms[0].parts;
    const auto arity = term.is(Form::call) ? arity_(parts[0]) : parts.size();
    if (parts.size() > 1 && arity.value_or(parts.size() - 2) == parts.size() - 2) {
      goal.out = std::move(parts.back());
      parts.pop_back();
    }
    out.push_back(std::move(goal));
    return;
  }
  Goal goal;
  goal.kind = Goal::Kind::holds;
  goal.at = term.at;
  goal.terms.push_back(simple(term, out));
  out.push_back(std::move(goal));
}

void Flattener::equation(const ast::Term& left, const ast::Term& right, Position at,
                         std::vector<Goal>& out) {
  const bool lifts_left = is_lifted(left);
  if (!lifts_left && !is_lifted(right)) {
    ast::Term a = simple(left, out);
    return unify(std::move(a), simple(right, out), at, out);
  }
  const ast::Term& lifted = is_lifted(right) ? right : left;
  const ast::Term& other = is_lifted(right) ? left : right;
  ast::Term pattern = simple(other, out);
  Goal goal = value_goal(lifted, out);
  goal.at = at;
  goal.out = std::move(pattern);
  goal.is_turned = &lifted == &left;
  out.push_back(std::move(goal));
}

// `some k, v in xs` is v = xs[k], which is lazy where xs is a reference.
void Flattener::some_in(const Statement& statement, std::vector<Goal>& out) {
  const auto& terms = statement.terms;
  const bool has_key = terms.size() == 3;
  ast::Term ref;
  if (terms.back().is(Form::ref)) {
    ref = terms.back();
  } else {
    ref.kind = Form::ref;
    ref.at = statement.at;
    ref.parts.push_back(terms.back());
  }
  ast::Term key = has_key ? simple(terms[0], out) : temporary(statement.at);
  const ast::Term value = simple(terms[has_key ? 1 : 0], out);
  ref.parts.push_back(std::move(key));
  Goal goal = value_goal(ref, out);
  goal.at = statement.at;
  goal.out = value;
  goal.is_turned = true;
  out.push_back(std::move(goal));
}

// The goal that computes a reference, call or comprehension, its parts made simple; no `out` yet.
Goal Flattener::value_goal(const ast::Term& term, std::vector<Goal>& out) {
  Goal goal;
  goal.at = term.at;
  if (term.is_comprehension()) {
    goal.kind = Goal::Kind::comprehension;
    goal.terms.push_back(term);
    return goal;
  }
  goal.kind = term.is(Form::ref) ? Goal::Kind::reference : Goal::Kind::call;
  ast::Term copy = term;
  const bool is_root = term.parts[0].is_var();
  for (std::size_t i = term.is(Form::ref) && !is_root ? 0 : 1; i < copy.parts.size(); ++i) {
    copy.parts[i] = simple(term.parts[i], out);
  }
  goal.terms.push_back(std::move(copy));
  return goal;
}

ast::Term Flattener::simple(const ast::Term& term, std::vector<Goal>& out) {
  if (term.is(Form::scalar) || term.is_var()) return term;
  if (is_lifted(term)) {
    Goal goal = value_goal(term, out);
    ast::Term result = temporary(term.at);
    goal.out = result;
    out.push_back(std::move(goal));
    return result;
  }
  return simple_parts(term, out);
}

ast::Term Flattener::simple_parts(const ast::Term& term, std::vector<Goal>& out) {
  ast::Term copy = term;
  for (ast::Term& part : copy.parts) part = simple(part, out);
  if (is_constant(copy.parts)) return make_scalar(folded(arena_, copy), term.at);
  if (!term.is(Form::set)) return copy;
  Goal goal;
  goal.kind = Goal::Kind::set;
  goal.at = term.at;
  goal.terms.push_back(std::move(copy));
  ast::Term result = temporary(term.at);
  goal.out = result;
  out.push_back(std::move(goal));
  return result;
}

void Flattener::unify(ast::Term a, ast::Term b, Position at, std::vector<Goal>& out) {
  const bool has_pattern =
      !a.is_var() && !b.is_var() && (!a.is(Form::scalar) || !b.is(Form::scalar));
  if (has_pattern) {
    const auto whole = std::make_shared<const std::pair<ast::Term, ast::Term>>(a, b);
    return unify_parts(std::move(a), std::move(b), at, whole, out);
  }
  unify_parts(std::move(a), std::move(b), at, nullptr, out);
}

void Flattener::unify_parts(ast::Term a, ast::Term b, Position at, const Whole& whole,
                            std::vector<Goal>& out) {
  const bool has_pattern =
      !a.is_var() && !b.is_var() && (!a.is(Form::scalar) || !b.is(Form::scalar));
  Goal goal;
  goal.at = at;
  goal.whole = whole;
  if (!has_pattern) {
    goal.kind = Goal::Kind::unify;
    goal.terms = {std::move(a), std::move(b)};
    out.push_back(std::move(goal));
    return;
  }
  a = unfolded(a);
  b = unfolded(b);
  if (a.kind == b.kind && a.is(Form::array) && a.parts.size() == b.parts.size()) {
    for (std::size_t i = 0; i < a.parts.size(); ++i) {
      unify_parts(a.parts[i], b.parts[i], at, whole, out);
    }
  } else if (a.kind == b.kind && a.is(Form::object) && a.parts.size() == b.parts.size()) {
    unify_objects(a, b, at, whole, out);
  } else {
    goal.kind = Goal::Kind::fail;
    goal.terms = {std::move(a), std::move(b)};
    out.push_back(std::move(goal));
  }
}

// Constant keys pair up; where keys are variables one object is made and taken apart by the other.
void Flattener::unify_objects(const ast::Term& a, const ast::Term& b, Position at,
                              const Whole& whole, std::vector<Goal>& out) {
  std::vector<Goal> pairs;
  for (std::size_t i = 0; i < a.parts.size(); i += 2) {
    std::size_t j = 0;
    while (j < b.parts.size() && !(a.parts[i].is(Form::scalar) && b.parts[j].is(Form::scalar) &&
                                   a.parts[i].value == b.parts[j].value)) {
      j += 2;
    }
    if (j >= b.parts.size()) {
      const bool is_open = has_variable_keys(a) || has_variable_keys(b);
      Goal goal;
      goal.at = at;
      goal.whole = whole;
      goal.kind = is_open ? Goal::Kind::unify : Goal::Kind::fail;
      goal.terms = {a, b};
      out.push_back(std::move(goal));
      return;
    }
    unify_parts(a.parts[i + 1], b.parts[j + 1], at, whole, pairs);
  }
  out.insert(out.end(), std::make_move_iterator(pairs.begin()),
             std::make_move_iterator(pairs.end()));
}

}  // namespace writ::rego
