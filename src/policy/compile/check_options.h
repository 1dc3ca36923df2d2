#pragma once
// What a check of policies may ask for beyond what is always checked.
#include "policy/compile/compiler.h"

namespace writ::rego {

namespace types {
class Schemas;  // policy/types/schemas.h
}

struct CheckOptions {
  // Refuses unused variables, arguments and imports, too.
  bool is_strict = false;
  // How many errors are reported before "error limit reached"; 0: all.
  std::size_t most_errors = 10;
  // What input and data look like; nullptr: nobody says. Borrowed for the call.
  const types::Schemas* schemas = nullptr;
};

std::expected<std::shared_ptr<const Program>, PolicyErrors> compile(
    std::vector<ast::Module> modules, const CompileOptions& options, const CheckOptions& checks);

}  // namespace writ::rego
