#pragma once
// The way back from `fail(PolicyErrors)`: what is wrong with policies, out of an error of Writ's.
#include "base/result.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

// One for each diagnostic; none where the error carries none. Requires: `fail` made the error, or
// its diagnostics are of compiling.
PolicyErrors carried_errors(const Error& error);

}  // namespace writ::rego
