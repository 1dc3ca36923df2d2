#pragma once
// Makes the events of one thread's decisions: asks the drop and mask policies about each, and
// hands on what is left. What is to be hidden never leaves this thread.
//
// Belongs to one thread at a time.
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "policy/fabric/session.h"
#include "server/decisions/counters.h"
#include "server/decisions/decision_log.h"
#include "server/decisions/event.h"
#include "server/decisions/options.h"

namespace writ::server {

class DecisionRecorder {
 public:
  // Everything is borrowed. `labels`: JSON text of an object.
  DecisionRecorder(const rego::Fabric& fabric, const rego::Services& services,
                   const DecisionLogOptions& options, DecisionLog& log, DecisionCounters& counters,
                   std::string_view labels);

  // Puts the decision into the log. Returns its ticket; 0 when there is nothing to wait for.
  // Errors: cancelled (the budget of the policies was not enough: nothing was logged yet).
  Result<std::uint64_t> record(const DecisionFacts& facts, const rego::EvalLimits& limits,
                               bool may_run_out);

 private:
  // Whether policies or data stand where one of the decisions looks, in the newest snapshot.
  bool has_policy();
  Result<bool> is_unwanted(const rego::Term& event, const rego::DecideOptions& options);
  Result<rego::Term> masked(const rego::Term& event, const rego::DecideOptions& options);

  const DecisionLogOptions& options_;
  DecisionLog& log_;
  DecisionCounters& counters_;
  rego::Session session_;
  rego::Arena own_;  // of the labels
  rego::Term labels_;
  std::uint64_t looked_at_ = 0;  // version of the snapshot
  bool has_looked_ = false;
  bool has_policy_ = false;
  std::string text_;  // of the last event; kept for its memory
};

}  // namespace writ::server
