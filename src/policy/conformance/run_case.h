#pragma once
// One conformance case. Private to policy/conformance.
#include <string>

#include "policy/term/term.h"

namespace writ::rego {

// "" when the case passes, else what is wrong.
std::string run_case(const Term& conformance_case);

}  // namespace writ::rego
