#pragma once
// The input of a query, as --input or --stdin-input name it.
#include "cli/command.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::cli {

// Undefined when neither was given. Errors: those of reading; invalid_input (no JSON).
Result<rego::Term> read_policy_input(const CommandContext& context, rego::Arena& arena);

}  // namespace writ::cli
