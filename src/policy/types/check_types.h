#pragma once
// The last look at a program before it may run: whether its rules and queries can hold at all, by
// the types of what they use. Nothing about evaluation depends on it.
//
// The compiler hands over each body as it has put it in order. Rules are checked after the rules
// that they depend on; a rule with errors counts as `any`, so that one mistake is reported once.
#include <map>
#include <memory>
#include <vector>

#include "policy/compile/annotation_index.h"
#include "policy/compile/body_order.h"
#include "policy/compile/recursion.h"
#include "policy/types/rule_types.h"
#include "policy/types/schemas.h"

namespace writ::rego::types {

// A rule or one of its else branches.
struct CheckedRule {
  const ast::Module* module = nullptr;
  const ast::Rule* rule = nullptr;
  Position at;
  BodyOrder order;  // heads: keys that are not part of the rule's place, then the value
  std::vector<ast::Term> arguments;  // simple terms
  std::shared_ptr<ast::Body> body;   // which `order` refers to
};
using CheckedRules = std::map<const Node*, std::vector<CheckedRule>>;

// What the types of all rules are made of. `schemas` may be nullptr.
struct RulesToCheck {
  const Program& program;
  const CheckedRules& rules;
  const Dependencies& dependencies;
  const AnnotationIndex& annotations;
  const Schemas* schemas;
};

// Errors: what cannot be, schemas that cannot be read.
std::shared_ptr<const RuleTypes> check_rules(const RulesToCheck& what, PolicyErrors& errors);

// A query against a program whose rules have been checked. Requires: program.types.
void check_query(const Program& program, const BodyOrder& query, PolicyErrors& errors);

}  // namespace writ::rego::types
