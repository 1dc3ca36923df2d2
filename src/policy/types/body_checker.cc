#include "policy/types/body_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/compile/callee.h"
#include "policy/term/cut_text.h"

namespace writ::rego::types {
namespace {

using Form = ast::Term::Kind;

// `==` that stands alone is `=`, for types as for what it means.
bool is_equation(const Goal& goal) {
  const auto& parts = goal.terms[0].parts;
  const bool stands_alone = (goal.must_hold && !goal.out) || goal.is_statement;
  return stands_alone && parts.size() == 3 && parts[0].is_var() && parts[0].name == "equal";
}

}  // namespace

bool BodyChecker::is_done() const {
  return context_.errors->size() > kMostErrors || context_.pool->fuel().is_empty();
}

void BodyChecker::refuse(Position at, std::string message, std::vector<std::string> details) {
  for (std::string& line : details) line = cut_text(std::move(line), kLongestText);
  message = cut_text(std::move(message), kLongestText);
  PolicyErrors& errors = *context_.errors;
  errors.push_back(
      {std::string(kTypeError), std::move(message), context_.file, at, {}, std::move(details)});
  if (errors.size() != kMostErrors) return;
  errors.push_back({std::string(kTypeError),
                    "types are not checked beyond so many errors",
                    context_.file,
                    at,
                    {}});
}

Type BodyChecker::known(const ast::Term& var) const {
  if (var.slot < 0) return anything();  // a function that stands for itself
  const auto at = static_cast<std::size_t>(var.slot);
  return at < slots_.size() ? slots_[at] : nullptr;
}

void BodyChecker::put(const ast::Term& var, Type type) {
  if (var.slot < 0) return;
  const auto at = static_cast<std::size_t>(var.slot);
  if (at >= slots_.size()) slots_.resize(at + 1);
  changes_.emplace_back(var.slot, slots_[at]);
  slots_[at] = type;
}

Type BodyChecker::type_of(const ast::Term& term) {
  TypePool& pool = *context_.pool;
  switch (term.kind) {
    case Form::scalar: {
      if (!term.value.is_collection()) return of_scalar(term.value);
      const auto [found, is_new] = constants_.try_emplace(&term, nullptr);
      if (is_new) found->second = pool.of(term.value);
      return found->second;
    }
    case Form::var:
      return known(term);
    case Form::ref:
      return type_of_reference(term);
    case Form::array: {
      std::vector<Type> parts;
      for (const ast::Term& part : term.parts) parts.push_back(type_of(part));
      const Type rest = parts.empty() ? anything() : nullptr;
      return pool.array(std::move(parts), rest);
    }
    case Form::object: {
      std::vector<StaticField> fields;
      Type key = nullptr;
      Type value = nullptr;
      bool is_open = term.parts.empty();
      for (std::size_t i = 0; i + 1 < term.parts.size(); i += 2) {
        if (term.parts[i].is(Form::scalar)) {
          fields.push_back({term.parts[i].value, type_of(term.parts[i + 1])});
          continue;
        }
        is_open = true;
        key = type_of(term.parts[i]);
        value = type_of(term.parts[i + 1]);
      }
      if (term.parts.empty()) key = value = anything();
      return is_open ? pool.object(std::move(fields), key, value) : pool.object(std::move(fields));
    }
    case Form::set: {
      std::vector<Type> items;
      for (const ast::Term& part : term.parts) items.push_back(type_of(part));
      const Type item = pool.either(std::move(items));
      return pool.set(item != nullptr ? item : anything());
    }
    default:
      return anything();
  }
}

void BodyChecker::settle(const ast::Term& term) {
  if (term.is_var()) {
    if (known(term) == nullptr) put(term, anything());
    return;
  }
  for (const ast::Term& part : term.parts) settle(part);
}

bool BodyChecker::check(const BodyOrder& body) {
  const std::size_t before = context_.errors->size();
  for (const BodyOrder::Step& step : body.steps) check_step(step);
  return context_.errors->size() == before;
}

void BodyChecker::check_step(const BodyOrder::Step& step) {
  if (is_done()) return;
  const Goal& goal = *step.goal;
  switch (goal.kind) {
    case Goal::Kind::unify:
    case Goal::Kind::fail:
      return check_unify(goal);
    case Goal::Kind::holds:
      return;
    case Goal::Kind::reference:
      return check_reference(goal);
    case Goal::Kind::call:
      return check_call(goal);
    case Goal::Kind::set:
      return check_out(goal, type_of(goal.terms[0]));
    case Goal::Kind::comprehension:
      return check_comprehension(step);
    case Goal::Kind::every:
      return check_every(step);
    case Goal::Kind::negation:
    case Goal::Kind::with:
      for (const BodyOrder& inner : step.inner) check(inner);
      return;
  }
}

void BodyChecker::check_unify(const Goal& goal) {
  if (goal.is_argument || match(goal.terms[0], goal.terms[1])) return;
  if (goal.whole != nullptr && goal.whole.get() == refused_whole_) return;
  refused_whole_ = goal.whole.get();
  const ast::Term& left = goal.whole ? goal.whole->first : goal.terms[0];
  const ast::Term& right = goal.whole ? goal.whole->second : goal.terms[1];
  refuse(goal.at, "match error",
         {"left  : " + to_text(type_of(left)), "right : " + to_text(type_of(right))});
}

void BodyChecker::check_out(const Goal& goal, Type value) {
  if (!goal.out) return;
  if (match_known(*goal.out, value)) return;
  const std::string out = to_text(type_of(*goal.out));
  const std::string of_value = to_text(value);
  refuse(goal.at, "match error",
         {"left  : " + (goal.is_turned ? of_value : out),
          "right : " + (goal.is_turned ? out : of_value)});
}

void BodyChecker::check_reference(const Goal& goal) { check_out(goal, check_path(goal.terms[0])); }

void BodyChecker::check_call(const Goal& goal) {
  const auto& parts = goal.terms[0].parts;
  if (is_equation(goal)) {
    if (goal.out) check_out(goal, boolean());
    if (match(parts[1], parts[2])) return;
    return refuse(
        goal.at, "match error",
        {"left  : " + to_text(type_of(parts[1])), "right : " + to_text(type_of(parts[2]))});
  }
  const Callee callee = find_callee(*context_.program, parts[0]);
  Type function = nullptr;
  if (callee.builtin != nullptr) {
    const auto [found, is_new] = builtins_.try_emplace(callee.builtin, nullptr);
    if (is_new) found->second = context_.pool->function(callee.builtin->signature);
    function = found->second;
  } else if (callee.function != nullptr) {
    function = context_.rules->of(*callee.function);
  }
  // One with errors of its own may be given anything.
  const bool is_known = function != nullptr && function->is(Shape::Form::function);
  if (is_known) return check_arguments(goal, function);
  check_out(goal, anything());
}

void BodyChecker::check_arguments(const Goal& goal, Type function) {
  const auto& parts = goal.terms[0].parts;
  bool is_good = true;
  for (std::size_t i = 1; is_good && i < parts.size() && i <= function->parts.size(); ++i) {
    is_good = assign(parts[i], function->parts[i - 1], false);
  }
  // f(x, y) says what comes out in the call itself.
  const bool names_out = goal.must_hold && goal.out;
  if (is_good && names_out) is_good = assign(*goal.out, function->rest, false);
  if (is_good) {
    if (!names_out) check_out(goal, function->rest);
    return;
  }
  std::vector<Type> have;
  for (std::size_t i = 1; i < parts.size(); ++i) have.push_back(type_of(parts[i]));
  if (goal.out && !goal.is_statement) have.push_back(names_out ? type_of(*goal.out) : nullptr);
  refuse(goal.terms[0].at, ast::to_text(parts[0]) + ": invalid argument(s)",
         {"have: " + to_text(have), "want: " + arguments_text(function)});
  settle_out(goal);
}

void BodyChecker::check_comprehension(const BodyOrder::Step& step) {
  const BodyOrder& inner = step.inner.front();
  const std::size_t before = changes_.size();
  const bool is_good = check(inner);
  std::vector<Type> heads;
  for (const ast::Term& head : inner.heads) {
    settle(head);
    heads.push_back(type_of(head));
  }
  while (changes_.size() > before) {
    const auto& [slot, type] = changes_.back();
    slots_[static_cast<std::size_t>(slot)] = type;
    changes_.pop_back();
  }
  Type out = anything();
  TypePool& pool = *context_.pool;
  switch (step.goal->terms[0].kind) {
    case Form::array_comprehension:
      out = pool.array({}, heads[0]);
      break;
    case Form::set_comprehension:
      out = pool.set(heads[0]);
      break;
    default:
      out = pool.object({}, heads[0], heads[1]);
  }
  check_out(*step.goal, is_good ? out : anything());
}

// Of the body of `every` OPA looks at references and comprehensions alone, and takes what it
// declares for anything.
void BodyChecker::check_every(const BodyOrder::Step& step) {
  const auto& terms = step.goal->statement->terms;
  for (std::size_t i = 0; i + 1 < terms.size(); ++i) settle(terms[i]);
  for (const BodyOrder& inner : step.inner) check_references(inner);
}

void BodyChecker::check_references(const BodyOrder& body) {
  for (const BodyOrder::Step& step : body.steps) {
    if (is_done()) return;
    const Goal& goal = *step.goal;
    if (goal.kind == Goal::Kind::reference) {
      check_path(goal.terms[0]);
    } else if (goal.kind == Goal::Kind::comprehension) {
      check_comprehension(step);
    } else {
      for (const BodyOrder& inner : step.inner) check_references(inner);
    }
    for (const ast::Term& term : goal.terms) {
      if (!term.is_comprehension() && !term.is(Form::ref)) settle(term);
    }
    settle_out(goal);
  }
}

void BodyChecker::settle_out(const Goal& goal) {
  if (goal.out) settle(*goal.out);
}

}  // namespace writ::rego::types
