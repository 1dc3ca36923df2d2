#pragma once
// Why a step stands as it does: for a gate the rule that decided, the facts it saw, where each
// came from, and what would open it; for a blocker what it wants; for a wait whom it waits for.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "execution/journal.h"

namespace writ::execution {

struct Explanation {
  std::string step;
  const protocol::PlanStep* definition = nullptr;  // of the journal's plan
  StepState state;
  std::optional<DecisionRecord> decision;  // of the step's last attempt
  std::vector<Blocker> blockers;           // all that ever stood on it
  std::vector<evidence::Record> evidence;  // of the last attempt
  std::vector<std::string> unmet;          // needs that have not passed
};

// Errors: not_found (no such step), tampered (a decision that does not replay).
Result<Explanation> explain(const Journal& journal, std::string_view step);

Value to_value(const Explanation& explanation);
// What to_value wrote about a step of `plan`, which is borrowed. Errors: not_found, tampered.
Result<Explanation> explanation_from_value(const protocol::Plan& plan, const Value& value);

}  // namespace writ::execution
