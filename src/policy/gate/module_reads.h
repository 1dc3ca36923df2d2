#pragma once
// What a gate's module reads, found in its syntax: facts by constant names, and whatever a gate may
// not use. Private to policy/gate.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gate/rego_gate.h"
#include "policy/parse/ast.h"

namespace writ::policy {

struct ModuleReads {
  // input.facts["tests.failed"], and where it stands first.
  std::map<std::string, Position, std::less<>> facts;
  std::vector<ModuleProblem> problems;
  // Places that reach facts by names only known when it runs: input.facts[name], input itself.
  std::vector<Position> computed;
};

ModuleReads reads_of(const rego::ast::Module& module);

// Whether a builtin says the same of the same arguments for ever, on every machine.
bool is_repeatable(std::string_view builtin);

}  // namespace writ::policy
