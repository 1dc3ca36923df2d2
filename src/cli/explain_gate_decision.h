#pragma once
// `writ policy explain` of a gate: its decision again, from what the run kept.
#include <string>

#include "base/result.h"
#include "cli/command.h"

namespace writ::cli {

// Whether `text` may name a gate's decision, and no other one is asked for: RUN/STEP, or an id that
// is no decision of a server.
bool may_name_gate(const CommandContext& context, const std::string& text);

// `text`: a decision id, or RUN/STEP. Errors: usage (no gate of this project has that id),
// not_found, tampered (it does not replay), unavailable (that cannot be told here).
Result<int> explain_gate_decision(const CommandContext& context, const std::string& text);

}  // namespace writ::cli
