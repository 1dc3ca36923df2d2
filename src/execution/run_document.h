#pragma once
// A run as documents: what `--json` prints and what the API answers. docs/formats/cli-json.md.
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

// How the run stands: its row, its outcome, what comes next, its steps and blockers, how far each
// document is complied with, and what was put off.
Value status_value(const protocol::Plan& plan, const RunState& state, WallTime now);

// The run's rows, whole, and back. Errors: tampered, invalid_input (not what state_value makes).
Value state_value(const RunState& state);
Result<RunState> state_from_value(const Value& value);

// A step's state, with its path.
Array steps_value(const protocol::Plan& plan, const RunState& state);
Array blockers_value(const RunState& state);
// Every deferral of the run, each with `overdue`.
Value deferrals_value(const RunRow& run, WallTime now);

// What was put off, or assumed, in one run: {"run", "spec", "deferrals"}, {…, "assumptions"}.
enum class Closed : std::uint8_t { left_out, too };
Value run_deferrals_value(RunRow run, Closed closed, WallTime now);
Value run_assumptions_value(const RunRow& run);

}  // namespace writ::execution
