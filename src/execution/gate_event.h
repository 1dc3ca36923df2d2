#pragma once
// A gate's decision as decision logs tell one: OPA's event (docs/formats/decision-log.md). Its id
// is that of the event `writ.gate.decided` in the ledger, its input what the gate's policy saw.
#include <string_view>

#include "base/result.h"
#include "execution/journal.h"
#include "ledger/entry.h"

namespace writ::execution {

// A decision, and where the ledger says that it was made.
struct LoggedGate {
  DecisionRecord record;
  ledger::Event event;
};

// The decision that a `writ.gate.decided` event of this run tells of.
// Errors: not_found, tampered (it is gone, or does not replay).
Result<LoggedGate> logged_gate(const Journal& journal, ledger::Event event);
// Of the step's last attempt. `log` holds the run's events. Errors: as above.
Result<LoggedGate> logged_gate(const Journal& journal, const ledger::Ledger& log,
                               std::string_view step);

// Errors: invalid_input (its facts cannot be written down as an input).
Result<Value> gate_event(const LoggedGate& decided);

}  // namespace writ::execution
