#pragma once
// What input and data are in one rule, by the annotations `schemas` that hold for it: of packages
// around it, its package, its document and itself, the nearest last. Private to policy/types.
#include <expected>
#include <string>
#include <unordered_map>

#include "policy/types/check_types.h"

namespace writ::rego::types {

class RuleRoots {
 public:
  // Without schemas only definitions in the annotations themselves count.
  RuleRoots(const RulesToCheck& what, RuleTypes& types);

  // Errors stand at the first rule that meets them: schemas that are not there or cannot be read.
  Roots of(const ast::Module& module, const ast::Rule& rule, PolicyErrors& errors);

 private:
  using Read = std::expected<Type, std::string>;
  AnnotationIndex::List holding_for(const ast::Module& module, const ast::Rule& rule) const;
  void apply(const Term& path, const Term& schema, Roots& roots, PolicyErrors& errors,
             const PolicyError& at);
  // nullptr: it does not count, or is an error, which has been added.
  Type type_of(const Term& schema, PolicyErrors& errors, const PolicyError& at);
  Read read(const Term& schema);

  const RulesToCheck& what_;
  RuleTypes& types_;
  bool has_any_ = false;
  std::unordered_map<const Term*, Type> read_;   // what annotations say; nullptr: nothing
  std::unordered_map<const Term*, Read> named_;  // the schemas that they name
};

}  // namespace writ::rego::types
