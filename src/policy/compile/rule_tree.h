#pragma once
// Where rules stand in the tree of documents, and what kind of document they make there. Private
// to policy/compile.
#include <map>
#include <string>
#include <vector>

#include "policy/compile/names.h"
#include "policy/compile/program.h"

namespace writ::rego {

// A rule of the text with its place.
struct PlacedRule {
  const ast::Module* module = nullptr;
  const ast::Rule* rule = nullptr;
  Node* node = nullptr;
  std::vector<ast::Term> path;  // keys of the head below the node
};

// Adds a node for each rule and decides the kinds. Errors: rules of different kinds at one place,
// several defaults, a value with rules below it.
std::vector<PlacedRule> place_rules(Program& program, PolicyErrors& errors);

// What the rule is called in its package.
const std::string& name_of(const ast::Rule& rule);

// What names mean in `module`: rules of its package, in all modules, and imports.
Globals globals_of(const Program& program, const ast::Module& module);

// The node of a package; nullptr if there is none.
const Node* package_node(const Program& program, const std::vector<Term>& package);

}  // namespace writ::rego
