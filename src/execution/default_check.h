#pragma once
// The check of a run whose law names none: all its steps have passed. One of Writ's own policies
// (policies/gate.rego).
#include "base/result.h"
#include "policy/gate/gate.h"

namespace writ::execution {

// Errors: internal (the policy does not compile: then nothing is attested).
Result<policy::Gate> default_check();

// Whether this is, or once was, that check: runs from before have it as a rule table.
bool is_default_check(const policy::Gate& gate);

}  // namespace writ::execution
