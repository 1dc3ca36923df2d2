#include "policy/types/check_types.h"

#include <algorithm>
#include <set>

#include "policy/types/body_checker.h"
#include "policy/types/rule_roots.h"

namespace writ::rego::types {
namespace {

// Every node after those it depends on. Without recursion: programs may be deep.
class Sorter {
 public:
  Sorter(const CheckedRules& rules, const Dependencies& dependencies)
      : rules_(rules), dependencies_(dependencies) {}

  std::vector<const Node*> run() {
    std::vector<const Node*> roots;
    for (const auto& [node, branches] : rules_) roots.push_back(node);
    std::ranges::sort(roots, {}, [](const Node* node) { return node->rules->id; });
    for (const Node* node : roots) visit(node);
    return std::move(out_);
  }

 private:
  struct Frame {
    const Node* node;
    std::set<const Node*>::const_iterator next;
    std::set<const Node*>::const_iterator end;
  };

  void enter(const Node* node) {
    static const std::set<const Node*> kNone;
    if (!seen_.insert(node).second) return;
    const auto found = dependencies_.find(node);
    const auto& targets = found == dependencies_.end() ? kNone : found->second;
    frames_.push_back({node, targets.begin(), targets.end()});
  }

  void visit(const Node* root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next != frame.end) {
        enter(*frame.next++);
        continue;
      }
      out_.push_back(frame.node);
      frames_.pop_back();
    }
  }

  const CheckedRules& rules_;
  const Dependencies& dependencies_;
  std::set<const Node*> seen_;
  std::vector<Frame> frames_;
  std::vector<const Node*> out_;
};

class RuleChecker {
 public:
  RuleChecker(const RulesToCheck& what, RuleTypes& types, PolicyErrors& errors)
      : program_(what.program), types_(types), errors_(errors), roots_(what, types) {}

  void check(const Node& node, const CheckedRule& rule) {
    BodyChecker::Context context;
    context.program = &program_;
    context.growing = &types_;
    context.rules = &types_;
    context.pool = &types_.pool();
    context.roots = roots_.of(*rule.module, *rule.rule, errors_);
    context.file = rule.module->file;
    context.errors = &errors_;
    BodyChecker checker(std::move(context));
    if (!checker.check(rule.order)) return types_.give_up(node);
    const Type value = checker.type_of(rule.order.heads.back());
    types_.add(node,
               rule.rule->is_function ? function(checker, rule) : document(checker, rule, value));
  }

 private:
  Type function(BodyChecker& checker, const CheckedRule& rule) {
    std::vector<Type> arguments;
    for (const ast::Term& argument : rule.arguments) {
      checker.settle(argument);
      arguments.push_back(checker.type_of(argument));
    }
    checker.settle(rule.order.heads.back());
    return types_.pool().function(std::move(arguments), checker.type_of(rule.order.heads.back()));
  }

  // Heads with keys make objects within objects.
  Type document(BodyChecker& checker, const CheckedRule& rule, Type value) {
    TypePool& pool = types_.pool();
    const auto& heads = rule.order.heads;
    if (value == nullptr) value = anything();
    if (rule.rule->is_partial_set) {
      // OPA does not know where sets below keys stand.
      return heads.size() == 1 ? pool.set(value) : pool.object({}, anything(), anything());
    }
    for (std::size_t i = heads.size() - 1; i > 0; --i) {
      const Type key = checker.type_of(heads[i - 1]);
      value = pool.object({}, key != nullptr ? key : anything(), value);
    }
    return value;
  }

  const Program& program_;
  RuleTypes& types_;
  PolicyErrors& errors_;
  RuleRoots roots_;
};

}  // namespace

std::shared_ptr<const RuleTypes> check_rules(const RulesToCheck& what, PolicyErrors& errors) {
  auto out = std::make_shared<RuleTypes>();
  if (const Term* of_input = what.schemas != nullptr ? what.schemas->find({}) : nullptr) {
    const auto type = type_of_schema(out->pool(), *of_input);
    if (!type) errors.push_back({std::string(kTypeError), type.error(), {}, {}, {}});
    if (type) out->roots().input = *type;
  }
  RuleChecker checker(what, *out, errors);
  for (const Node* node : Sorter(what.rules, what.dependencies).run()) {
    const auto found = what.rules.find(node);
    if (found == what.rules.end()) continue;
    for (const CheckedRule& rule : found->second) checker.check(*node, rule);
    out->take_in_below(*node);
  }
  out->finish(*what.program.root);
  return out;
}

void check_query(const Program& program, const BodyOrder& query, PolicyErrors& errors) {
  TypePool pool;
  BodyChecker::Context context;
  context.program = &program;
  context.rules = program.types.get();
  context.pool = &pool;
  context.roots = context.rules->roots();
  context.errors = &errors;
  BodyChecker(std::move(context)).check(query);
}

}  // namespace writ::rego::types
