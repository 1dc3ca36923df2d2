#include "policy/compile/names.h"

#include <algorithm>

#include "policy/builtins/table.h"
#include "policy/compile/unused.h"
#include "policy/parse/token_stream.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;
using Statement = ast::Statement;

bool is_root_name(std::string_view name) { return name == "input" || name == "data"; }

bool is_call_of(const ast::Term& term, std::string_view builtin) {
  return term.is(Form::call) && term.parts[0].is_var() && term.parts[0].name == builtin &&
         term.parts.size() == 3;
}

std::set<std::string> declared_in(const ast::Body& body) {
  std::set<std::string> out;
  for (const Statement& statement : body) {
    const auto& terms = statement.terms;
    if (statement.kind == Statement::Kind::some) {
      for (const ast::Term& term : terms) pattern_names(term, out);
    } else if (statement.kind == Statement::Kind::some_in) {
      for (std::size_t i = 0; i + 1 < terms.size(); ++i) pattern_names(terms[i], out);
    } else if (statement.kind == Statement::Kind::term && is_call_of(terms[0], "assign")) {
      pattern_names(terms[0].parts[1], out);
    }
  }
  return out;
}

}  // namespace

void Names::refuse(std::string_view code, Position at, std::string message) {
  context_.errors->push_back({std::string(code), std::move(message), context_.file, at, {}});
}

const ast::Term* Names::global(const std::string& name) const {
  const auto found = context_.globals->find(name);
  if (found == context_.globals->end()) return nullptr;
  if (context_.used != nullptr) context_.used->insert(name);
  return &found->second;
}

Slot Names::find(const std::string& name, const Scope& scope) const {
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    if (const auto found = at->slots.find(name); found != at->slots.end()) return found->second;
  }
  return kNoSlot;
}

// Whether the term, no variable or rule being meant, is the name of a builtin.
bool Names::names_builtin(const ast::Term& term, const Scope& scope) const {
  if (!term.is_var() && !(term.is(Form::ref) && term.parts[0].is_var())) return false;
  const std::string& root = term.is_var() ? term.name : term.parts[0].name;
  return find(root, scope) == kNoSlot && global(root) == nullptr &&
         context_.builtins->find(dotted_name(term)) != nullptr;
}

Slot Names::argument(Scope& scope, const ast::Term& arg) {
  const Slot slot = fresh();
  if (!arg.is_var() || arg.name == "_" || scope.slots.contains(arg.name)) return slot;
  if (is_root_name(arg.name)) {
    refuse(kCompileError, arg.at,
           "args must not shadow " + arg.name + " (use a different argument name)");
  }
  slot_names_.back() = arg.name;
  scope.slots[arg.name] = slot;
  scope.declared[arg.name] = arg.at;
  return slot;
}

Slot Names::add(Scope& scope, const std::string& name) {
  const Slot slot = fresh();
  slot_names_.back() = name;
  if (name != "_") scope.slots[name] = slot;
  return slot;
}

Slot Names::declare(Scope& scope, const std::string& name, Position at) {
  if (name == "_") return add(scope, name);
  if (is_root_name(name)) {
    refuse(kCompileError, at,
           "variables must not shadow " + name + " (use a different variable name)");
  }
  if (scope.declared.contains(name)) {
    refuse(kCompileError, at, "var " + name + " assigned above");
  } else if (scope.used.contains(name)) {
    refuse(kCompileError, at, "var " + name + " referenced above");
  } else if (scope.outer != nullptr && scope.outer->is_function &&
             scope.outer->declared.contains(name)) {
    refuse(kCompileError, at, "arg " + name + " redeclared");
  }
  scope.declared[name] = at;
  return add(scope, name);
}

Slot Names::declare_local(Scope& scope, const ast::Term& var) {
  const Slot slot = declare(scope, var.name, var.at);
  if (!var.is_wildcard() && !is_root_name(var.name)) scope.locals.push_back({var.name, slot, true});
  return slot;
}

// The variables that stand in the body itself get their slots first, so that closures, wherever
// they stand, share them.
void Names::collect(const ast::Body& body, Scope& scope) {
  const std::set<std::string> declared = declared_in(body);
  for (const Statement& statement : body) {
    if (statement.kind == Statement::Kind::some) continue;
    for (const ast::Term& term : statement.terms) {
      if (statement.kind == Statement::Kind::every && &term != &statement.terms.back()) continue;
      collect(term, scope, declared);
    }
    for (const ast::With& with : statement.with) {
      if (!names_builtin(with.value, scope)) collect(with.value, scope, declared);
    }
  }
}

void Names::collect(const ast::Term& term, Scope& scope, const std::set<std::string>& declared) {
  if (term.is_comprehension() || term.is(Form::template_string)) return;
  if (term.is_var()) {
    const std::string& name = term.name;
    if (name == "_" || is_root_name(name) || declared.contains(name)) return;
    if (find(name, scope) == kNoSlot && global(name) == nullptr) add(scope, name);
    return;
  }
  for (std::size_t i = term.is(Form::call) ? 1 : 0; i < term.parts.size(); ++i) {
    collect(term.parts[i], scope, declared);
  }
}

void Names::resolve(ast::Body& body, const std::vector<ast::Term*>& heads, Scope& scope) {
  collect(body, scope);
  const std::set<std::string> declared = declared_in(body);
  for (const ast::Term* head : heads) collect(*head, scope, declared);
  for (Statement& statement : body) resolve_statement(statement, scope);
  for (ast::Term* head : heads) resolve(*head, scope);
  check_unused(scope, body, heads, context_);
}

void Names::resolve_statement(Statement& statement, Scope& scope) {
  for (ast::With& with : statement.with) resolve_with(with, scope);
  switch (statement.kind) {
    case Statement::Kind::some:
      for (ast::Term& term : statement.terms) term.slot = declare_local(scope, term);
      return;
    case Statement::Kind::some_in:
      resolve(statement.terms.back(), scope);
      for (std::size_t i = 0; i + 1 < statement.terms.size(); ++i) {
        resolve_pattern(statement.terms[i], scope);
      }
      return;
    case Statement::Kind::every:
      return resolve_every(statement, scope);
    case Statement::Kind::term:
      if (is_call_of(statement.terms[0], "assign"))
        return resolve_assign(statement.terms[0], scope);
      return resolve(statement.terms[0], scope);
  }
}

void Names::resolve_every(Statement& statement, Scope& scope) {
  resolve(statement.terms.back(), scope);
  Scope inner;
  inner.outer = &scope;
  statement.slot = static_cast<std::int32_t>(slots());
  for (std::size_t i = 0; i + 1 < statement.terms.size(); ++i) {
    ast::Term& var = statement.terms[i];
    var.slot = declare_local(inner, var);
  }
  statement.body = std::make_shared<ast::Body>(*statement.body);
  // The body has a scope of its own: it may declare again what `every` declared.
  Scope body;
  body.outer = &inner;
  resolve(*statement.body, {}, body);
  check_unused(inner, *statement.body, {}, context_);
}

void Names::resolve_assign(ast::Term& call, Scope& scope) {
  resolve(call.parts[2], scope);
  ast::Term& left = call.parts[1];
  if (!left.is_var() && !left.is(Form::array) && !left.is(Form::object)) {
    const std::string what = left.is(Form::scalar) ? std::string(kind_name(left.value.kind()))
                             : left.is(Form::ref)  ? "ref"
                                                   : "term";
    return refuse(kCompileError, left.at, "cannot assign to " + what);
  }
  resolve_assigned(left, scope);
  call.parts[0].name = "eq";
}

void Names::resolve_assigned(ast::Term& pattern, Scope& scope) {
  resolve_pattern(pattern, scope);
  if (!context_.is_strict) return;
  std::set<std::string> names;
  pattern_names(pattern, names);
  for (const std::string& name : names) {
    const auto found = scope.slots.find(name);
    if (found != scope.slots.end()) scope.locals.push_back({name, found->second, false});
  }
}

// Variables in it are declared here; keys of objects and calls are expressions.
void Names::resolve_pattern(ast::Term& pattern, Scope& scope) {
  if (pattern.is_var()) {
    pattern.slot = declare(scope, pattern.name, pattern.at);
  } else if (pattern.is(Form::array)) {
    for (ast::Term& part : pattern.parts) resolve_pattern(part, scope);
  } else if (pattern.is(Form::object)) {
    for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
      if (i % 2 == 0) {
        resolve(pattern.parts[i], scope);
      } else {
        resolve_pattern(pattern.parts[i], scope);
      }
    }
  } else {
    resolve(pattern, scope);
  }
}

void Names::resolve(ast::Term& term, Scope& scope) {
  switch (term.kind) {
    case Form::scalar:
      return;
    case Form::var:
      return resolve_var(term, scope);
    case Form::ref:
      return resolve_ref(term, scope);
    case Form::call:
      return resolve_call(term, scope);
    case Form::array_comprehension:
    case Form::set_comprehension:
    case Form::object_comprehension:
      return resolve_closure(term, scope);
    case Form::template_string:
      rewrite_template(term);
      return resolve(term, scope);
    default:
      for (ast::Term& part : term.parts) resolve(part, scope);
  }
}

void Names::resolve_var(ast::Term& var, Scope& scope) {
  if (var.name == "_") {
    var.slot = add(scope, var.name);
    return;
  }
  var.slot = find(var.name, scope);
  if (var.slot != kNoSlot) {
    if (!scope.declared.contains(var.name)) scope.used.insert(var.name);
    return;
  }
  ast::Term root;
  if (is_root_name(var.name)) {
    root.kind = Form::ref;
    root.parts.push_back(var);
  } else if (const ast::Term* meaning = global(var.name)) {
    root = *meaning;
    scope.used.insert(var.name);
  } else {
    var.slot = add(scope, var.name);
    scope.used.insert(var.name);
    return;
  }
  root.at = var.at;
  var = std::move(root);
}

void Names::resolve_ref(ast::Term& ref, Scope& scope) {
  for (std::size_t i = 1; i < ref.parts.size(); ++i) resolve(ref.parts[i], scope);
  ast::Term& head = ref.parts[0];
  if (head.is_var() && is_root_name(head.name)) return;
  resolve(head, scope);
  if (!head.is(Form::ref)) return;
  std::vector<ast::Term> parts = std::move(head.parts);
  parts.insert(parts.end(), std::make_move_iterator(ref.parts.begin() + 1),
               std::make_move_iterator(ref.parts.end()));
  ref.parts = std::move(parts);
}

void Names::resolve_call(ast::Term& call, Scope& scope) {
  ast::Term& function = call.parts[0];
  if (function.is_var() && function.name == "print") {
    rewrite_print(call);
    return resolve(call, scope);
  }
  for (std::size_t i = 1; i < call.parts.size(); ++i) resolve(call.parts[i], scope);
  const std::string root = function.is_var() ? function.name : function.parts[0].name;
  if (const ast::Term* meaning = global(root)) {
    std::vector<ast::Term> parts = meaning->parts;
    if (function.is(Form::ref)) {
      parts.insert(parts.end(), function.parts.begin() + 1, function.parts.end());
    }
    const Position at = function.at;
    function = ast::Term{};
    function.kind = Form::ref;
    function.at = at;
    function.parts = std::move(parts);
    return;
  }
  if (root == "data") return;
  const std::string name = dotted_name(function);
  if (name == "rego.metadata.rule" && call.parts.size() == 1) {
    call = make_scalar(context_.metadata_rule, call.at);
  } else if (name == "rego.metadata.chain" && call.parts.size() == 1) {
    call = make_scalar(context_.metadata_chain, call.at);
  } else {
    function = make_var(name.empty() ? ast::to_text(function) : name, function.at);
  }
}

void Names::resolve_closure(ast::Term& closure, Scope& scope) {
  Scope inner;
  inner.outer = &scope;
  closure.slot = static_cast<std::int32_t>(slots());
  closure.body = std::make_shared<ast::Body>(*closure.body);
  std::vector<ast::Term*> heads;
  for (ast::Term& part : closure.parts) heads.push_back(&part);
  resolve(*closure.body, heads, inner);
}

void Names::resolve_with(ast::With& with, Scope& scope) {
  if (!names_builtin(with.value, scope)) resolve(with.value, scope);
  ast::Term& target = with.target;
  const std::string root = target.is_var() ? target.name : target.parts[0].name;
  if (target.is(Form::ref)) {
    for (std::size_t i = 1; i < target.parts.size(); ++i) resolve(target.parts[i], scope);
  }
  const ast::Term* meaning = is_root_name(root) ? nullptr : global(root);
  if (meaning == nullptr) return;
  ast::Term ref = *meaning;
  ref.at = target.at;
  if (target.is(Form::ref)) {
    ref.parts.insert(ref.parts.end(), target.parts.begin() + 1, target.parts.end());
  }
  target = std::move(ref);
}

// $"a{x}" is internal.template_string(["a", {v | v = x}]): an empty set prints as <undefined>.
void Names::rewrite_template(ast::Term& term) {
  ast::Term pieces;
  pieces.kind = Form::array;
  pieces.at = term.at;
  for (std::size_t i = 0; i < term.parts.size(); ++i) {
    if (!term.parts[i].value.text().empty()) {
      pieces.parts.push_back(term.parts[i]);
    }
    if (i >= term.body->size()) continue;
    Statement hole = (*term.body)[i];
    ast::Term set;
    set.kind = Form::set_comprehension;
    set.at = hole.at;
    const ast::Term value = make_var("$hole", hole.at);
    hole.terms[0] = make_call("assign", {value, std::move(hole.terms[0])}, hole.at);
    set.parts.push_back(value);
    set.body = std::make_shared<ast::Body>(ast::Body{std::move(hole)});
    pieces.parts.push_back(std::move(set));
  }
  term = make_call("internal.template_string", {std::move(pieces)}, term.at);
}

// print(x, y) is internal.print([{v | v = x}, {v | v = y}]); without printing it is nothing.
void Names::rewrite_print(ast::Term& call) {
  if (!context_.keeps_print) {
    call = make_scalar(Term::boolean(true), call.at);
    return;
  }
  ast::Term args;
  args.kind = Form::array;
  args.at = call.at;
  for (std::size_t i = 1; i < call.parts.size(); ++i) {
    Statement statement;
    statement.at = call.parts[i].at;
    const ast::Term value = make_var("$printed", statement.at);
    statement.terms.push_back(make_call("assign", {value, call.parts[i]}, statement.at));
    ast::Term set;
    set.kind = Form::set_comprehension;
    set.at = statement.at;
    set.parts.push_back(value);
    set.body = std::make_shared<ast::Body>(ast::Body{std::move(statement)});
    args.parts.push_back(std::move(set));
  }
  call = make_call("internal.print", {std::move(args)}, call.at);
}

void pattern_names(const ast::Term& pattern, std::set<std::string>& out) {
  if (pattern.is_var()) {
    out.insert(pattern.name);
  } else if (pattern.is(Form::array)) {
    for (const ast::Term& part : pattern.parts) pattern_names(part, out);
  } else if (pattern.is(Form::object)) {
    for (std::size_t i = 1; i < pattern.parts.size(); i += 2) pattern_names(pattern.parts[i], out);
  }
}

void visit_slots(const ast::Term& term, const std::function<void(Slot)>& visit) {
  if (term.is_var()) {
    if (term.slot >= 0) visit(term.slot);
    return;
  }
  if (term.is_comprehension()) {
    const auto outer = [&](Slot slot) {
      if (slot < term.slot) visit(slot);
    };
    for (const ast::Term& part : term.parts) visit_slots(part, outer);
    for (const Statement& statement : *term.body) visit_slots(statement, outer);
    return;
  }
  for (const ast::Term& part : term.parts) visit_slots(part, visit);
}

void visit_slots(const Statement& statement, const std::function<void(Slot)>& visit) {
  if (statement.kind == Statement::Kind::every) {
    visit_slots(statement.terms.back(), visit);
    const auto outer = [&](Slot slot) {
      if (slot < statement.slot) visit(slot);
    };
    for (const Statement& inner : *statement.body) visit_slots(inner, outer);
  } else if (statement.kind != Statement::Kind::some) {
    for (const ast::Term& term : statement.terms) visit_slots(term, visit);
  }
  for (const ast::With& with : statement.with) visit_slots(with.value, visit);
}

std::string dotted_name(const ast::Term& term) {
  if (term.is_var()) return term.name;
  if (!term.is(Form::ref) || !term.parts[0].is_var()) return {};
  std::string out = term.parts[0].name;
  for (std::size_t i = 1; i < term.parts.size(); ++i) {
    if (!term.parts[i].is_string()) return {};
    out += ".";
    out += term.parts[i].value.text();
  }
  return out;
}

}  // namespace writ::rego
