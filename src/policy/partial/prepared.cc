#include "policy/partial/prepared.h"

#include "policy/compile/callee.h"
#include "policy/compile/metadata.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

bool is_pattern(const ast::Term& arg) { return arg.is(Form::array) || arg.is(Form::object); }

// `a == b` as a statement says what `a = b` says once all is bound; as an equation both sides can
// be looked at together.
void join_equalities(ast::Body& body) {
  for (ast::Statement& statement : body) {
    if (statement.body) {
      statement.body = std::make_shared<ast::Body>(*statement.body);
      join_equalities(*statement.body);
    }
    if (statement.kind != ast::Statement::Kind::term) continue;
    ast::Term& term = statement.terms[0];
    const bool is_equality = term.is(Form::call) && term.parts.size() == 3 &&
                             term.parts[0].is_var() && term.parts[0].name == "equal";
    if (is_equality) term.parts[0].name = "eq";
  }
}

}  // namespace

Prepared::Prepared(const Program& program) : program_(program), annotations_(program.modules) {
  for (const ast::Module& module : program.modules) {
    for (const ast::Rule& rule : module.rules) place(module, rule);
  }
}

void Prepared::place(const ast::Module& module, const ast::Rule& rule) {
  Written out{&module, &rule, {}};
  const Node* node = package_node(program_, module.package);
  const bool has_keys = rule.ref.is(Form::ref);
  const std::string& name = has_keys ? rule.ref.parts[0].name : rule.ref.name;
  node = node->child(borrow_string(name));
  bool is_fixed = true;
  for (std::size_t i = 1; has_keys && i < rule.ref.parts.size(); ++i) {
    const ast::Term& key = rule.ref.parts[i];
    const Term value = is_fixed ? constant_of(arena_, key) : Term();
    is_fixed = value.is_defined();
    if (is_fixed) {
      node = node->child(value);
    } else {
      out.path.push_back(key);
    }
  }
  written_[node].push_back(std::move(out));
}

const Globals& Prepared::globals(const ast::Module& module) {
  const auto found = globals_.find(&module);
  if (found != globals_.end()) return found->second;
  return globals_.emplace(&module, globals_of(program_, module)).first->second;
}

const RuleChains& Prepared::rules(const Node& node) {
  const auto found = rules_.find(&node);
  if (found != rules_.end()) return found->second;
  RuleChains out;
  out.arity = node.rules->arity;
  for (const Written& written : written_[&node]) {
    const ast::Rule& rule = *written.rule;
    Chain chain{prepare(written, node, rule.member ? rule.member : rule.value, rule.body)};
    for (const ast::Else& otherwise : rule.otherwise) {
      chain.push_back(prepare(written, node, otherwise.value, otherwise.body));
    }
    if (rule.is_default) {
      out.fallback = chain[0];
    } else {
      out.chains.push_back(std::move(chain));
    }
  }
  return rules_.emplace(&node, std::move(out)).first->second;
}

const Branch* Prepared::prepare(const Written& written, const Node& node,
                                const std::optional<ast::Term>& value, const ast::Body& body) {
  const ast::Rule& rule = *written.rule;
  NameContext context;
  context.globals = &globals(*written.module);
  context.builtins = program_.builtins;
  context.file = written.module->file;
  context.errors = &errors_;
  if (written.module->source.contains("rego.metadata")) {
    context.metadata_rule = metadata_rule(arena_, rule);
    context.metadata_chain = metadata_chain(arena_, annotations_, *written.module, rule, node);
  }
  Names names(std::move(context));
  Branch& out = branches_.emplace_back();
  out.is_set = rule.is_partial_set;
  out.body = body;
  join_equalities(out.body);
  out.path = written.path;
  out.value = value ? *value : make_scalar(Term::boolean(true), rule.at);

  std::vector<ast::Term> args = rule.args;
  Names::Scope outer;
  outer.is_function = rule.is_function;
  for (const ast::Term& arg : args) out.args.push_back(names.argument(outer, arg));
  Names::Scope scope;
  scope.outer = &outer;
  std::vector<ast::Term*> heads{&out.value};
  for (ast::Term& key : out.path) heads.push_back(&key);
  for (ast::Term& arg : args) {
    if (is_pattern(arg)) {
      names.resolve_pattern(arg, outer);
    } else if (!arg.is_wildcard()) {
      heads.push_back(&arg);
    }
  }
  names.resolve(out.body, heads, scope);

  Flattener flattener(names, arena_, [this](const ast::Term& name) -> std::optional<std::size_t> {
    const Callee callee = find_callee(program_, name);
    return callee.is_known() ? std::optional(callee.arity) : std::nullopt;
  });
  flattener_ = &flattener;
  std::vector<Goal> goals;
  Bound bound;
  for (std::size_t i = 0; i < args.size(); ++i) {
    bound.add(out.args[i]);
    if (args[i].is_wildcard() || (args[i].is_var() && args[i].slot == out.args[i])) continue;
    ast::Term given = make_var("", args[i].at);
    given.slot = out.args[i];
    ast::Term pattern = flattener.simple(args[i], goals);
    flattener.unify(std::move(given), std::move(pattern), args[i].at, goals);
  }
  plan(out, names, std::move(goals), std::move(bound));
  return &out;
}

const Branch& Prepared::query(ast::Body body) {
  NameContext context;
  const Globals none;
  context.globals = &none;
  context.builtins = program_.builtins;
  context.errors = &errors_;
  Names names(std::move(context));
  Branch& out = branches_.emplace_back();
  out.body = std::move(body);
  join_equalities(out.body);
  out.value = make_scalar(Term::boolean(true), {});
  Names::Scope scope;
  names.resolve(out.body, {}, scope);
  Flattener flattener(names, arena_, [this](const ast::Term& name) -> std::optional<std::size_t> {
    const Callee callee = find_callee(program_, name);
    return callee.is_known() ? std::optional(callee.arity) : std::nullopt;
  });
  flattener_ = &flattener;
  plan(out, names, {}, {});
  return out;
}

void Prepared::plan(Branch& branch, Names& names, std::vector<Goal> goals, Bound bound) {
  for (const ast::Statement& statement : branch.body) {
    flattener_->statement(statement, goals);
    // What cannot be taken apart further is kept as it was written.
    if (!statement.with.empty()) goals.back().statement = &statement;
  }
  branch.value = flattener_->simple(branch.value, goals);
  for (ast::Term& key : branch.path) key = flattener_->simple(key, goals);
  branch.goals = std::move(goals);
  sort(branch.goals, bound);
  for (std::size_t i = 0; i < names.slots(); ++i) {
    branch.names.push_back(names.name_of(static_cast<Slot>(i)));
  }
}

void Prepared::sort(std::vector<Goal>& goals, Bound& bound) {
  std::vector<Goal> sorted;
  for (const std::size_t i : order(goals, bound)) {
    Goal& goal = goals[i];
    if (goal.kind == Goal::Kind::every) plan_every(goal, bound);
    if (goal.kind == Goal::Kind::negation) {
      Bound inner = bound;
      sort(goal.goals, inner);
    }
    bind(goal, bound);
    sorted.push_back(std::move(goal));
  }
  goals = std::move(sorted);
}

void Prepared::plan_every(const Goal& goal, Bound bound) {
  const ast::Statement& every = *goal.statement;
  for (std::size_t i = 0; i + 1 < every.terms.size(); ++i) bound.add(every.terms[i].slot);
  std::vector<Goal> goals;
  for (const ast::Statement& statement : *every.body) {
    flattener_->statement(statement, goals);
    if (!statement.with.empty()) goals.back().statement = &statement;
  }
  sort(goals, bound);
  every_bodies_.emplace(&every, std::move(goals));
}

}  // namespace writ::rego::partial
