#pragma once
// Modules to a program, queries to code that runs against one.
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "policy/compile/program.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

struct CompileOptions {
  // Keeps print(…); else it is taken out.
  bool keeps_print = false;
  // Adds steps that tell an observer of rules and statements; else they cost nothing.
  bool is_observed = false;
  // Runs only the rules that may hold, as the index finds them. Without it each rule is tried, so
  // that an observer sees why it does not hold.
  bool is_indexed = true;
  // Refuses what cannot hold by the types of what it uses, in modules, and in queries if both they
  // and the modules were to be checked.
  // Off for policies that were made, not written, such as what partial evaluation leaves.
  bool checks_types = true;
  // The builtins there are; nullptr: all. Must outlive the program.
  const BuiltinTable* builtins = nullptr;
};

// Errors in the order of files and lines, at most ten and then "error limit reached".
std::expected<std::shared_ptr<const Program>, PolicyErrors> compile(
    std::vector<ast::Module> modules, const CompileOptions& options = {});

// Names mean data, input and variables of the query; its `:=` and `some` are allowed.
std::expected<std::shared_ptr<const Query>, PolicyErrors> compile_query(
    std::shared_ptr<const Program> program, std::string_view text,
    const CompileOptions& options = {});

}  // namespace writ::rego
