#pragma once
// Why a gate came out as it did: of each rule of its policy that could decide, and of those that
// were asked on the way, whether it held, and if not, at which statement it stopped.
#include <vector>

#include "base/result.h"
#include "policy/gate/gate.h"
#include "policy/observe/explain.h"

namespace writ::policy {

struct GateExplanation {
  std::vector<rego::RuleVerdict> candidates;
  std::vector<rego::RuleVerdict> helpers;
};

// Errors: invalid_input (the policy does not compile).
Result<GateExplanation> explain_gate(const Gate& gate, const Facts& facts);

}  // namespace writ::policy
