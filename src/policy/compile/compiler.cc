#include "policy/compile/compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/compile/body_compiler.h"
#include "policy/compile/check_options.h"
#include "policy/compile/metadata.h"
#include "policy/compile/recursion.h"
#include "policy/compile/rule_index.h"
#include "policy/compile/rule_tree.h"
#include "policy/compile/unused.h"
#include "policy/parse/parser.h"
#include "policy/parse/token_stream.h"
#include "policy/types/check_types.h"

namespace writ::rego {
namespace {

// One head and one body: a rule itself, or an else branch of it.
struct Branch {
  const std::optional<ast::Term>* value = nullptr;
  const ast::Body* body = nullptr;
  Position at;
};

PolicyErrors sorted(PolicyErrors errors, std::size_t most) {
  const auto before = [](const PolicyError& a, const PolicyError& b) {
    return std::pair(a.file, a.at) < std::pair(b.file, b.at);
  };
  std::ranges::stable_sort(errors, before);
  if (most > 0 && errors.size() > most) {
    errors.resize(most);
    errors.push_back({std::string(kCompileError), "error limit reached", {}, {}, {}});
  }
  return errors;
}

class Compiler {
 public:
  Compiler(Program& program, const CompileOptions& options, const CheckOptions& checks)
      : program_(program), options_(options), checks_(checks), annotations_(program.modules) {}

  PolicyErrors run() {
    const std::vector<PlacedRule> rules = place_rules(program_, errors_);
    if (!errors_.empty()) return finished();
    const ast::Module* module = nullptr;
    Globals globals;
    for (const PlacedRule& placed : rules) {
      if (placed.module != module) {
        module = placed.module;
        globals = globals_of(program_, *module);
        asks_metadata_ = module->source.contains("rego.metadata");
      }
      compile_rule(placed, globals);
    }
    for (const ast::Module& one : program_.modules) check_imports(one);
    const Dependencies dependencies = with_merged(dependencies_);
    if (errors_.empty()) check_recursion(program_, dependencies, places_, errors_);
    if (errors_.empty() && options_.checks_types) {
      program_.types = types::check_rules(
          {program_, checked_, dependencies, annotations_, checks_.schemas}, errors_);
    }
    if (errors_.empty()) finish(*program_.root);
    return finished();
  }

 private:
  PolicyErrors finished() { return sorted(std::move(errors_), checks_.most_errors); }

  void check_imports(const ast::Module& module) {
    if (!module.is_v0 || checks_.is_strict) check_repeated_imports(module, errors_);
    if (checks_.is_strict) check_unused_imports(module, used_names_[&module], errors_);
  }

  void compile_rule(const PlacedRule& placed, const Globals& globals) {
    const ast::Rule& rule = *placed.rule;
    RuleSet& rules = *placed.node->rules;
    places_.emplace(placed.node, RulePlace{placed.module->file, rule.at});
    unused_.reset();
    auto definition = compile_branch(placed, globals, {&rule.value, &rule.body, rule.at});
    Definition* last = definition.get();
    for (const ast::Else& branch : rule.otherwise) {
      last->otherwise = compile_branch(placed, globals, {&branch.value, &branch.body, branch.at});
      last = last->otherwise.get();
    }
    refuse_unused(placed);
    if (!rule.is_default) {
      rules.definitions.push_back(std::move(definition));
      return;
    }
    if (rules.fallback) {
      errors_.push_back({std::string(kTypeError),
                         fmt::format("multiple default rules {} found at {}:{}, {}:{}",
                                     to_text(*placed.node), *rules.fallback->file,
                                     rules.fallback->at.line, placed.module->file, rule.at.line),
                         placed.module->file,
                         rule.at,
                         {}});
    }
    rules.fallback = std::move(definition);
  }

  void note_unused(const std::set<std::string>& unused) {
    if (!unused_) unused_ = unused;
    std::erase_if(*unused_, [&](const std::string& name) { return !unused.contains(name); });
  }

  void refuse_unused(const PlacedRule& placed) {
    if (!unused_ || placed.rule->is_default) return;
    for (const std::string& name : *unused_) {
      errors_.push_back(
          {std::string(kCompileError),
           fmt::format("unused argument {}. (hint: use _ (wildcard variable) instead)", name),
           placed.module->file,
           placed.rule->at,
           {}});
    }
  }

  std::unique_ptr<Definition> compile_branch(const PlacedRule& placed, const Globals& globals,
                                             const Branch& branch) {
    const ast::Rule& rule = *placed.rule;
    Names names(context_for(placed, globals));
    BodyCompiler compiler(program_, program_.code, names);
    if (options_.is_observed) {
      compiler.observe(&placed.module->file, placed.module->source, to_text(*placed.node),
                       branch.at);
    }
    std::vector<ast::Term> args = rule.args;
    Names::Scope args_scope;
    args_scope.is_function = rule.is_function;
    std::vector<Slot> slots;
    for (const ast::Term& arg : args) slots.push_back(names.argument(args_scope, arg));
    for (ast::Term& arg : args) {
      if (!arg.is_var() && has_pattern(arg)) names.resolve_pattern(arg, args_scope);
    }
    auto owned = std::make_shared<ast::Body>(*branch.body);
    ast::Body& body = *owned;
    std::vector<ast::Term> heads = placed.path;
    heads.push_back(head_value(rule, branch));
    Names::Scope scope;
    scope.outer = &args_scope;
    std::vector<ast::Term*> resolved;
    for (ast::Term& head : heads) resolved.push_back(&head);
    for (ast::Term& arg : args) {
      if (!has_pattern(arg) && !arg.is_wildcard()) resolved.push_back(&arg);
    }
    names.resolve(body, resolved, scope);
    if (checks_.is_strict) note_unused(unused_arguments(args, args_scope, body, heads));

    std::vector<Goal> goals;
    Bound bound;
    types::CheckedRule checked{placed.module, &rule, branch.at, {}, {}, std::move(owned)};
    for (std::size_t i = 0; i < args.size(); ++i) {
      bound.add(slots[i]);
      checked.arguments.push_back(match_argument(compiler, args[i], slots[i], goals));
    }
    for (const ast::Statement& statement : body) compiler.flattener().statement(statement, goals);
    auto compiled = compiler.compile(std::move(goals), heads, bound);

    auto out = std::make_unique<Definition>();
    out->body = compiled.code;
    out->slots = names.slots();
    out->value = compiled.heads.back();
    compiled.heads.pop_back();
    out->path = std::move(compiled.heads);
    out->is_set = rule.is_partial_set;
    out->at = branch.at;
    out->file = &placed.module->file;
    auto& dependencies = dependencies_[placed.node];
    dependencies.insert(compiler.dependencies().begin(), compiler.dependencies().end());
    if (options_.checks_types) {
      checked.order = std::move(compiled.order);
      checked_[placed.node].push_back(std::move(checked));
    }
    return out;
  }

  static bool has_pattern(const ast::Term& arg) {
    return arg.is(ast::Term::Kind::array) || arg.is(ast::Term::Kind::object);
  }

  static ast::Term head_value(const ast::Rule& rule, const Branch& branch) {
    if (rule.member) return *rule.member;
    return *branch.value ? **branch.value : make_scalar(Term::boolean(true), branch.at);
  }

  // The argument as a simple term, once the goals hold that compare it with what is given.
  static ast::Term match_argument(BodyCompiler& compiler, const ast::Term& arg, Slot slot,
                                  std::vector<Goal>& goals) {
    ast::Term value = make_var(arg.is_var() ? arg.name : "", arg.at);
    value.slot = slot;
    if (arg.is_wildcard() || (arg.is_var() && arg.slot == slot)) return value;
    ast::Term pattern = compiler.flattener().simple(arg, goals);
    const std::size_t first = goals.size();
    compiler.flattener().unify(std::move(value), pattern, arg.at, goals);
    for (std::size_t i = first; i < goals.size(); ++i) goals[i].is_argument = true;
    return pattern;
  }

  NameContext context_for(const PlacedRule& placed, const Globals& globals) {
    NameContext out;
    out.globals = &globals;
    out.builtins = program_.builtins;
    out.file = placed.module->file;
    out.keeps_print = options_.keeps_print;
    out.errors = &errors_;
    out.is_strict = checks_.is_strict;
    out.allows_deprecated = placed.module->is_v0;
    out.used = &used_names_[placed.module];
    if (asks_metadata_) {
      out.metadata_rule = metadata_rule(program_.code.arena, *placed.rule);
      out.metadata_chain = metadata_chain(program_.code.arena, annotations_, *placed.module,
                                          *placed.rule, *placed.node);
    }
    return out;
  }

  // What can only be known when all definitions are there.
  void finish(Node& node) {
    if (node.rules) {
      RuleSet& rules = *node.rules;
      for (const auto& definition : rules.definitions) rules.all.push_back(definition.get());
      if (options_.is_indexed) index_rules(rules);
    }
    for (auto& [key, child] : node.children) finish(*child);
  }

  Program& program_;
  const CompileOptions& options_;
  const CheckOptions& checks_;
  const AnnotationIndex annotations_;
  bool asks_metadata_ = false;  // the module that is being compiled
  PolicyErrors errors_;
  Dependencies dependencies_;
  RulePlaces places_;
  types::CheckedRules checked_;
  std::map<const ast::Module*, std::set<std::string>> used_names_;
  std::optional<std::set<std::string>> unused_;  // arguments that no branch has used so far
};

// Names in a query mean data, input and variables.
std::vector<Query::Binding> bindings_of(const Names::Scope& scope) {
  std::vector<Query::Binding> out;
  for (const auto& [name, slot] : scope.slots) {
    if (name.find('$') == std::string::npos) out.push_back({name, slot});
  }
  return out;
}

}  // namespace

std::expected<std::shared_ptr<const Program>, PolicyErrors> compile(
    std::vector<ast::Module> modules, const CompileOptions& options) {
  return compile(std::move(modules), options, {});
}

std::expected<std::shared_ptr<const Program>, PolicyErrors> compile(
    std::vector<ast::Module> modules, const CompileOptions& options, const CheckOptions& checks) {
  auto program = std::make_shared<Program>();
  program->modules = std::move(modules);
  program->builtins = options.builtins != nullptr ? options.builtins : &BuiltinTable::standard();
  PolicyErrors errors = Compiler(*program, options, checks).run();
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return program;
}

std::expected<std::shared_ptr<const Query>, PolicyErrors> compile_query(
    std::shared_ptr<const Program> program, std::string_view text, const CompileOptions& options) {
  auto query = std::make_shared<Query>();
  auto parsed = parse_query(query->arena, text);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  PolicyErrors errors;
  const Globals globals;
  NameContext context;
  context.globals = &globals;
  context.builtins = program->builtins;
  context.keeps_print = options.keeps_print;
  context.errors = &errors;
  Names names(std::move(context));
  Names::Scope scope;
  names.resolve(*parsed, {}, scope);
  BodyCompiler compiler(*program, query->code, names);
  if (options.is_observed) compiler.observe(nullptr, text, std::string(text), {1, 1});
  std::vector<Goal> goals;
  std::vector<ast::Term> values;
  for (const ast::Statement& statement : *parsed) {
    values.push_back(compiler.flattener().value(statement, goals));
    query->expressions.push_back(
        {{},
         std::string(text.substr(statement.begin, statement.end - statement.begin)),
         statement.at});
    // A query of one expression shows false; in one of several every expression must hold.
    if (parsed->size() == 1) continue;
    Goal holds;
    holds.at = statement.at;
    holds.terms.push_back(values.back());
    goals.push_back(std::move(holds));
  }
  auto compiled = compiler.compile(std::move(goals), values, {});
  if (errors.empty() && options.checks_types && program->types) {
    types::check_query(*program, compiled.order, errors);
  }
  if (!errors.empty())
    return std::unexpected(sorted(std::move(errors), CheckOptions().most_errors));
  for (std::size_t i = 0; i < compiled.heads.size(); ++i) {
    query->expressions[i].value = compiled.heads[i];
  }
  query->body = compiled.code;
  query->slots = names.slots();
  query->bindings = bindings_of(scope);
  query->program = std::move(program);
  return query;
}

}  // namespace writ::rego
