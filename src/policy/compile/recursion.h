#pragma once
// No rule may depend on itself, by whatever way. Private to policy/compile.
#include <map>
#include <set>
#include <string>

#include "policy/compile/program.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

// What each node's rules refer to. A node without rules stands for all rules below it.
using Dependencies = std::map<const Node*, std::set<const Node*>>;

// Where a node's first rule stands.
struct RulePlace {
  std::string file;
  Position at;
};
using RulePlaces = std::map<const Node*, RulePlace>;

// An object that is merged from rules depends on all rules below it, a node without rules on what
// is there: the same with that.
Dependencies with_merged(const Dependencies& given);

// Requires: with_merged. Errors: rego_recursion_error for each rule in a cycle, with the way round.
void check_recursion(const Program& program, const Dependencies& dependencies,
                     const RulePlaces& places, PolicyErrors& errors);

}  // namespace writ::rego
