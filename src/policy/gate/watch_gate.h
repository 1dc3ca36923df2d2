#pragma once
// Why a gate came out as it did: its policy once more, watched. Of each rule that could decide, and
// of those that were asked on the way, whether it held, and if not, at which statement it stopped.
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/gate/gate.h"
#include "policy/observe/explain.h"

namespace writ::policy {

struct WatchedGate {
  std::vector<rego::RuleVerdict> candidates;
  std::vector<rego::RuleVerdict> helpers;
  // Why watching ended early, so that rules may be missing; empty: it did not. Watched rules take
  // more steps than others, and a module that fails ends there.
  std::string ended_by;
  // The decision is of a machine that gave up, which this one did not: it is believed.
  bool is_believed = false;
};

// `decision` is what was kept of these facts, and replayed. A gate that was not asked, since a fact
// is absent, has no verdicts. Errors: invalid_input (the policy does not compile).
Result<WatchedGate> watch_gate(const Gate& gate, const Facts& facts, const Decision& decision);

}  // namespace writ::policy
