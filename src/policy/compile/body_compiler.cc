#include "policy/compile/body_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;

struct NamedComparison {
  std::string_view builtin;
  Comparison comparison;
};
constexpr NamedComparison kComparisons[] = {
    {"equal", Comparison::equal}, {"neq", Comparison::not_equal}, {"lt", Comparison::less},
    {"lte", Comparison::at_most}, {"gt", Comparison::greater},    {"gte", Comparison::at_least},
};

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

}  // namespace

BodyCompiler::BodyCompiler(const Program& program, CodeStore& store, Names& names)
    : program_(program),
      store_(store),
      names_(names),
      flattener_(names, store.arena, [this](const ast::Term& name) -> std::optional<std::size_t> {
        const Callee callee = find_callee(program_, name);
        if (!callee.is_known()) return std::nullopt;
        return callee.arity;
      }) {}

void BodyCompiler::refuse(std::string_view code, Position at, std::string message) {
  const NameContext& context = names_.context();
  context.errors->push_back({std::string(code), std::move(message), context.file, at, {}});
}

BodyCompiler::Compiled BodyCompiler::compile(const ast::Body& body,
                                             const std::vector<ast::Term>& heads, Bound bound) {
  std::vector<Goal> goals;
  for (const ast::Statement& statement : body) flattener_.statement(statement, goals);
  return compile(std::move(goals), heads, std::move(bound));
}

BodyCompiler::Compiled BodyCompiler::compile(std::vector<Goal> goals,
                                             const std::vector<ast::Term>& heads, Bound bound) {
  std::vector<ast::Term> simple;
  for (const ast::Term& head : heads) simple.push_back(flattener_.simple(head, goals));
  Chain chain;
  const std::string rule = std::exchange(rule_, {});
  const Observe* const outer = std::exchange(last_place_, nullptr);
  if (!rule.empty()) emit_place(Observe::Kind::enter, rule_at_, rule, chain);
  Compiled out;
  emit_all(goals, chain, bound, out.order);
  out.order.goals = std::move(goals);  // elements stay where they are
  for (const ast::Term& head : simple) {
    if (!is_ground(head, bound)) {
      visit_slots(head, [&](Slot slot) {
        if (!bound.has(slot) && !names_.name_of(slot).empty()) {
          refuse(kUnsafeVarError, head.at, fmt::format("var {} is unsafe", names_.name_of(slot)));
        }
      });
    }
    out.heads.push_back(operand(head, chain));
  }
  if (!source_.empty()) emit_place(Observe::Kind::exit, rule_at_, rule, chain);
  last_place_ = outer;
  out.code = chain.code();
  out.order.heads = std::move(simple);
  return out;
}

void BodyCompiler::emit_all(const std::vector<Goal>& goals, Chain& chain, Bound& bound,
                            BodyOrder& order) {
  const std::vector<std::size_t> placed = rego::order(goals, bound);
  std::set<Position> told;
  for (const std::size_t i : placed) {
    order.steps.push_back({&goals[i], {}});
    BodyOrder::Step* const outer = std::exchange(step_, &order.steps.back());
    emit_observed(goals[i], chain, told);
    emit(goals[i], chain, bound);
    step_ = outer;
  }
  if (placed.size() < goals.size()) report_unsafe(goals, placed, bound);
}

void BodyCompiler::observe(const std::string* file, std::string_view source, std::string rule,
                           Position at) {
  file_ = file;
  source_ = source;
  rule_ = std::move(rule);
  rule_at_ = at;
}

Observe* BodyCompiler::emit_place(Observe::Kind kind, Position at, std::string text, Chain& chain) {
  auto* const step = make<Observe>(at);
  step->kind = kind;
  step->file = file_;
  step->text = std::move(text);
  step->before = last_place_;
  last_place_ = step;
  chain.add(step);
  return step;
}

void BodyCompiler::emit_observed(const Goal& goal, Chain& chain, std::set<Position>& told) {
  const bool is_new = !source_.empty() && goal.statement_at.is_known() &&
                      goal.statement_end <= source_.size() && told.insert(goal.statement_at).second;
  if (!is_new) return;
  const std::string_view text =
      source_.substr(goal.statement_begin, goal.statement_end - goal.statement_begin);
  emit_place(Observe::Kind::statement, goal.statement_at, on_one_line(text), chain);
}

void BodyCompiler::report_unsafe(const std::vector<Goal>& goals,
                                 const std::vector<std::size_t>& placed, const Bound& bound) {
  std::set<std::string> reported;
  for (std::size_t i = 0; i < goals.size(); ++i) {
    if (std::ranges::find(placed, i) != placed.end()) continue;
    visit_slots(goals[i], [&](Slot slot) {
      const std::string& name = names_.name_of(slot);
      if (bound.has(slot) || name.empty() || !reported.insert(name).second) return;
      refuse(kUnsafeVarError, goals[i].at, fmt::format("var {} is unsafe", name));
    });
  }
  if (reported.empty()) {
    refuse(kUnsafeVarError, goals.front().at, "expression is unsafe");
  }
}

void BodyCompiler::emit(const Goal& goal, Chain& chain, Bound& bound) {
  switch (goal.kind) {
    case Goal::Kind::unify:
      return emit_unify(goal.terms[0], goal.terms[1], goal.at, chain, bound);
    case Goal::Kind::holds:
      return emit_holds(operand(goal.terms[0], chain), goal.at, chain);
    case Goal::Kind::reference:
      return emit_reference(goal, chain, bound);
    case Goal::Kind::call:
      return emit_call(goal, chain, bound);
    case Goal::Kind::set:
      return emit_set(goal, chain, bound);
    case Goal::Kind::comprehension:
      return emit_comprehension(goal, chain, bound);
    case Goal::Kind::every:
      return emit_every(goal, chain, bound);
    case Goal::Kind::negation:
      return emit_negation(goal, chain, bound);
    case Goal::Kind::with:
      return emit_with(goal, chain, bound);
    case Goal::Kind::fail:
      chain.add(make<Fail>(goal.at));
  }
}

// ---- values and unification ----

Operand BodyCompiler::operand(const ast::Term& term, Chain& chain) {
  if (term.is(Form::scalar)) return constant(term.value);
  if (term.is_var()) return in_slot(term.slot);
  std::vector<Operand> parts;
  for (const ast::Term& part : term.parts) parts.push_back(operand(part, chain));
  const Slot out = names_.fresh();
  if (term.is(Form::array)) {
    auto* const step = make<MakeArray>(term.at);
    step->items = std::move(parts);
    step->out = out;
    chain.add(step);
  } else {
    auto* const step = make<MakeObject>(term.at);
    step->parts = std::move(parts);
    step->out = out;
    chain.add(step);
  }
  return in_slot(out);
}

void BodyCompiler::emit_holds(const Operand& value, Position at, Chain& chain) {
  if (value.is_constant() && !value.constant.is_false()) return;
  auto* const step = make<Holds>(at);
  step->value = value;
  chain.add(step);
}

void BodyCompiler::emit_unify(const ast::Term& a, const ast::Term& b, Position at, Chain& chain,
                              Bound& bound) {
  if (!is_ground(a, bound)) {
    WRIT_ASSERT(is_ground(b, bound));
    return emit_unify(b, a, at, chain, bound);
  }
  if (b.is_var() && !bound.has(b.slot)) {
    auto* const step = make<Bind>(at);
    step->value = operand(a, chain);
    step->out = b.slot;
    chain.add(step);
    bound.add(b.slot);
    return;
  }
  const Operand value = operand(a, chain);
  if (b.is_var() || b.is(Form::scalar)) {
    auto* const step = make<Compare>(at);
    step->left = value;
    step->right = operand(b, chain);
    chain.add(step);
    return;
  }
  emit_unpack(value, b, chain, bound);
}

Target BodyCompiler::target(const ast::Term& pattern, Chain& chain, Bound& bound,
                            std::vector<Pending>& pending) {
  Target out;
  if (pattern.is_var() && !bound.has(pattern.slot)) {
    const bool is_used = names_.name_of(pattern.slot) != "_";
    out.kind = is_used ? Target::Kind::bind : Target::Kind::ignore;
    out.slot = pattern.slot;
    bound.add(pattern.slot);
  } else if (pattern.is_var() || pattern.is(Form::scalar)) {
    out.kind = Target::Kind::equal;
    out.operand = operand(pattern, chain);
  } else {
    out.kind = Target::Kind::bind;
    out.slot = names_.fresh();
    pending.push_back({out.slot, &pattern});
  }
  return out;
}

void BodyCompiler::unpack_pending(const std::vector<Pending>& pending, Chain& chain, Bound& bound) {
  for (const Pending& one : pending) emit_unpack(in_slot(one.slot), *one.pattern, chain, bound);
}

void BodyCompiler::emit_unpack(const Operand& value, const ast::Term& pattern, Chain& chain,
                               Bound& bound) {
  std::vector<Pending> pending;
  if (pattern.is(Form::array)) {
    auto* const step = make<UnpackArray>(pattern.at);
    step->value = value;
    for (const ast::Term& part : pattern.parts) {
      step->items.push_back(target(part, chain, bound, pending));
    }
    chain.add(step);
  } else {
    auto* const step = make<UnpackObject>(pattern.at);
    step->value = value;
    for (std::size_t i = 0; i < pattern.parts.size(); i += 2) {
      step->keys.push_back(operand(pattern.parts[i], chain));
      step->values.push_back(target(pattern.parts[i + 1], chain, bound, pending));
    }
    chain.add(step);
  }
  unpack_pending(pending, chain, bound);
}

Slot BodyCompiler::slot_for(const Goal& goal, const Bound& bound) {
  const bool is_free = goal.out && goal.out->is_var() && !bound.has(goal.out->slot);
  return is_free ? goal.out->slot : names_.fresh();
}

void BodyCompiler::accept(Slot slot, const Goal& goal, Chain& chain, Bound& bound) {
  if (!goal.out) {
    if (goal.must_hold) emit_holds(in_slot(slot), goal.at, chain);
    return;
  }
  if (goal.out->is_var() && goal.out->slot == slot) {
    bound.add(slot);
    return;
  }
  ast::Term value;
  value.kind = Form::var;
  value.at = goal.at;
  value.slot = slot;
  bound.add(slot);
  emit_unify(value, *goal.out, goal.at, chain, bound);
}

void BodyCompiler::emit_set(const Goal& goal, Chain& chain, Bound& bound) {
  auto* const step = make<MakeSet>(goal.at);
  for (const ast::Term& part : goal.terms[0].parts) step->items.push_back(operand(part, chain));
  step->out = slot_for(goal, bound);
  chain.add(step);
  accept(step->out, goal, chain, bound);
}

// ---- references ----

void BodyCompiler::depend_on(const Node* node) { dependencies_.insert(node); }

// Rules that a reference may reach from `node` on: a constant key goes one way, others go all.
// Where all that remains goes all ways the node stands for what is below it.
void BodyCompiler::depend_on_matching(const Node* node, const ast::Term& ref, std::size_t from) {
  if (node->rules != nullptr) {
    if (node->rules->kind != RuleSet::Kind::function) depend_on(node);
    return;
  }
  const auto rest = std::span(ref.parts).subspan(std::min(from, ref.parts.size()));
  if (std::ranges::none_of(rest, [](const ast::Term& part) { return part.is(Form::scalar); })) {
    return depend_on(node);
  }
  const bool is_constant = from < ref.parts.size() && ref.parts[from].is(Form::scalar);
  for (const auto& [key, child] : node->children) {
    if (!is_constant || ref.parts[from].value == key)
      depend_on_matching(child.get(), ref, from + 1);
  }
}

void BodyCompiler::emit_reference(const Goal& goal, Chain& chain, Bound& bound) {
  const ast::Term& ref = goal.terms[0];
  const ast::Term& head = ref.parts[0];
  if (head.is_var() && head.slot < 0) {
    if (head.name == "data") return emit_data(ref, goal, chain, bound);
    return emit_keys(Root::input, {}, ref, 1, goal, chain, bound);
  }
  emit_keys(Root::operand, operand(head, chain), ref, 1, goal, chain, bound);
}

void BodyCompiler::emit_data(const ast::Term& ref, const Goal& goal, Chain& chain, Bound& bound) {
  const Reached reached = reach(program_, ref);
  if (reached.node == nullptr) return emit_keys(Root::data, {}, ref, 1, goal, chain, bound);
  if (reached.node->rules == nullptr) {
    return emit_document(reached.node, ref, reached.parts, goal, chain, bound);
  }
  if (reached.node->rules->kind == RuleSet::Kind::function) {
    // A function has no value, which is what its type says.
    depend_on(reached.node);
    chain.add(make<Fail>(goal.at));
    return bind(goal, bound);
  }
  depend_on(reached.node);
  auto* const step = make<RuleValue>(goal.at);
  step->node = reached.node;
  const bool is_whole = reached.parts == ref.parts.size();
  step->out = is_whole ? slot_for(goal, bound) : names_.fresh();
  chain.add(step);
  if (is_whole) return accept(step->out, goal, chain, bound);
  emit_keys(Root::operand, in_slot(step->out), ref, reached.parts, goal, chain, bound);
}

void BodyCompiler::emit_document(const Node* node, const ast::Term& ref, std::size_t from,
                                 const Goal& goal, Chain& chain, Bound& bound) {
  depend_on_matching(node, ref, from);
  std::vector<DocumentPath::Key> keys;
  std::vector<Pending> pending;
  for (std::size_t i = from; i < ref.parts.size(); ++i) {
    DocumentPath::Key key;
    key.is_known = is_ground(ref.parts[i], bound);
    if (key.is_known) {
      key.operand = operand(ref.parts[i], chain);
    } else {
      key.target = target(ref.parts[i], chain, bound, pending);
    }
    keys.push_back(key);
  }
  auto* const step = make<DocumentPath>(goal.at);
  step->node = node;
  step->keys = std::move(keys);
  step->out = slot_for(goal, bound);
  chain.add(step);
  unpack_pending(pending, chain, bound);
  accept(step->out, goal, chain, bound);
}

// Known keys together are one Path, each unknown key is a Scan.
void BodyCompiler::emit_keys(Root root, Operand base, const ast::Term& ref, std::size_t from,
                             const Goal& goal, Chain& chain, Bound& bound) {
  for (std::size_t i = from;;) {
    std::vector<Operand> keys;
    for (; i < ref.parts.size() && is_ground(ref.parts[i], bound); ++i) {
      keys.push_back(operand(ref.parts[i], chain));
    }
    const bool is_last = i >= ref.parts.size();
    if (!keys.empty() || is_last) {
      auto* const path = make<Path>(goal.at);
      path->root = root;
      path->base = base;
      path->keys = std::move(keys);
      path->out = is_last ? slot_for(goal, bound) : names_.fresh();
      chain.add(path);
      if (is_last) return accept(path->out, goal, chain, bound);
      root = Root::operand;
      base = in_slot(path->out);
    }
    std::vector<Pending> pending;
    auto* const scan = make<Scan>(goal.at);
    scan->root = root;
    scan->base = base;
    scan->key = target(ref.parts[i], chain, bound, pending);
    ++i;
    const bool ends = i >= ref.parts.size();
    if (ends && goal.out) {
      scan->value = target(*goal.out, chain, bound, pending);
    } else {
      scan->value = {Target::Kind::bind, names_.fresh(), {}};
    }
    chain.add(scan);
    unpack_pending(pending, chain, bound);
    if (ends) {
      if (!goal.out && goal.must_hold) emit_holds(in_slot(scan->value.slot), goal.at, chain);
      return;
    }
    root = Root::operand;
    base = in_slot(scan->value.slot);
  }
}

// ---- calls ----

bool BodyCompiler::emit_comparison(const Goal& goal, Chain& chain) {
  const auto& parts = goal.terms[0].parts;
  if (goal.out || !goal.must_hold || !parts[0].is_var() || parts.size() != 3) return false;
  for (const NamedComparison& named : kComparisons) {
    if (named.builtin != parts[0].name) continue;
    auto* const step = make<Compare>(goal.at);
    step->comparison = named.comparison;
    step->left = operand(parts[1], chain);
    step->right = operand(parts[2], chain);
    chain.add(step);
    return true;
  }
  return false;
}

void BodyCompiler::emit_call(const Goal& goal, Chain& chain, Bound& bound) {
  const auto& parts = goal.terms[0].parts;
  const Callee callee = find_callee(program_, parts[0]);
  const std::string name = ast::to_text(parts[0]);
  if (!callee.is_known()) {
    refuse(kTypeError, goal.at, fmt::format("undefined function {}", name));
    return bind(goal, bound);
  }
  if (parts.size() - 1 != callee.arity) {
    const std::size_t given = parts.size() - 1;
    refuse(kTypeError, goal.at,
           callee.builtin != nullptr
               ? fmt::format("{}: arity mismatch", name)
               : fmt::format("function {} has arity {}, got {} argument{}", name, callee.arity,
                             given, given == 1 ? "" : "s"));
    return bind(goal, bound);
  }
  if (callee.builtin != nullptr && callee.builtin->is(Trait::deprecated) &&
      !names_.context().allows_deprecated) {
    refuse(kTypeError, goal.at, "deprecated built-in function calls in expression: " + name);
  }
  if (emit_comparison(goal, chain)) return;
  std::vector<Operand> args;
  for (std::size_t i = 1; i < parts.size(); ++i) args.push_back(operand(parts[i], chain));
  const Slot out = slot_for(goal, bound);
  if (callee.builtin != nullptr) {
    auto* const step = make<CallBuiltin>(goal.at);
    step->builtin = callee.builtin;
    step->args = std::move(args);
    step->out = out;
    chain.add(step);
  } else {
    depend_on(callee.function);
    auto* const step = make<CallFunction>(goal.at);
    step->function = callee.function;
    step->args = std::move(args);
    step->out = out;
    chain.add(step);
  }
  accept(out, goal, chain, bound);
}

// ---- bodies within bodies ----

void BodyCompiler::emit_comprehension(const Goal& goal, Chain& chain, Bound& bound) {
  const ast::Term& term = goal.terms[0];
  Compiled inner = compile(*term.body, term.parts, bound);
  auto* const step = make<Comprehension>(goal.at);
  step->kind = term.is(Form::array_comprehension) ? Kind::array
               : term.is(Form::set_comprehension) ? Kind::set
                                                  : Kind::object;
  step->body = inner.code;
  if (inner.heads.size() == 2) step->key = inner.heads[0];
  step->value = inner.heads.back();
  step->out = slot_for(goal, bound);
  chain.add(step);
  note_inner(std::move(inner.order));
  accept(step->out, goal, chain, bound);
}

void BodyCompiler::emit_every(const Goal& goal, Chain& chain, Bound& bound) {
  const ast::Statement& every = *goal.statement;
  Bound inner = bound;
  std::vector<Pending> pending;
  Chain none;
  auto* const step = make<Every>(goal.at);
  step->domain = operand(goal.terms[0], chain);
  if (every.terms.size() == 3) step->key = target(every.terms[0], none, inner, pending);
  step->value = target(every.terms[every.terms.size() - 2], none, inner, pending);
  Compiled body = compile(*every.body, {}, inner);
  step->body = body.code;
  note_inner(std::move(body.order));
  chain.add(step);
}

void BodyCompiler::emit_negation(const Goal& goal, Chain& chain, Bound& bound) {
  Chain inner;
  Bound within = bound;
  BodyOrder order;
  emit_all(goal.goals, inner, within, order);
  note_inner(std::move(order));
  auto* const step = make<Not>(goal.at);
  step->body = inner.code();
  chain.add(step);
}

}  // namespace writ::rego
