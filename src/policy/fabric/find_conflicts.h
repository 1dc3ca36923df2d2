#pragma once
// Rules and base documents that stand in each other's place.
#include "policy/compile/program.h"
#include "policy/parse/policy_error.h"
#include "policy/term/term.h"

namespace writ::rego {

// An error for each rule where `data` has a value, or where a value on the way is no object.
PolicyErrors find_conflicts(const Program& program, const Term& data);

}  // namespace writ::rego
