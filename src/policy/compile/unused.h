#pragma once
// What is declared and never used. Private to policy/compile.
#include <set>
#include <string>
#include <vector>

#include "policy/compile/names.h"

namespace writ::rego {

// Adds an error for each variable of `scope` that `some` or `every` declared and nothing else in
// its body mentions; when strict, for each that `:=` assigned. `body` and `heads` have been
// resolved.
void check_unused(const Names::Scope& scope, const ast::Body& body,
                  const std::vector<ast::Term*>& heads, const NameContext& context);

// Names of the arguments of one branch of a function that it does not use.
std::set<std::string> unused_arguments(const std::vector<ast::Term>& arguments,
                                       const Names::Scope& scope, const ast::Body& body,
                                       const std::vector<ast::Term>& heads);

// Imports that nothing in the module goes through. `used`: names that were looked up.
void check_unused_imports(const ast::Module& module, const std::set<std::string>& used,
                          PolicyErrors& errors);
// Two imports of one name.
void check_repeated_imports(const ast::Module& module, PolicyErrors& errors);

}  // namespace writ::rego
