#pragma once
// What input and data are in one rule, by the annotations `schemas` that hold for it: of packages
// around it, its package, its document and itself, the nearest last. Private to policy/types.
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/parse/policy_error.h"
#include "policy/types/rule_types.h"
#include "policy/types/schemas.h"

namespace writ::rego::types {

class RuleRoots {
 public:
  // `schemas` may be nullptr: then only definitions in the annotations themselves count.
  RuleRoots(const Program& program, RuleTypes& types, const Schemas* schemas);

  // Errors stand at the rule: schemas that are not there or cannot be read.
  Roots of(const ast::Module& module, const ast::Rule& rule, PolicyErrors& errors);

 private:
  std::vector<const ast::Annotations*> holding_for(const ast::Module& module,
                                                   const ast::Rule& rule) const;
  void apply(const Term& path, const Term& schema, Roots& roots, PolicyErrors& errors,
             const PolicyError& at);
  Type type_of(const Term& schema, PolicyErrors& errors, const PolicyError& at);

  const Program& program_;
  RuleTypes& types_;
  const Schemas* schemas_;
  Arena arena_;
  bool has_any_ = false;
  std::unordered_map<std::string, Type> named_;  // types of schemas that have been read
};

}  // namespace writ::rego::types
