#pragma once
// One conformance case. Private to policy/conformance.
#include <string>

#include "policy/conformance/conformance.h"
#include "policy/term/term.h"

namespace writ::rego {

// "" when the case passes, else what is wrong.
std::string run_case(const Term& conformance_case, const ModuleRewrite& rewrite = {});

}  // namespace writ::rego
