#pragma once
// What a run comes to, as far as it has come. A value, never an Error: each row of the table has
// the exit code that people and scripts rely on.
#include <cstdint>
#include <string>
#include <string_view>

#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

enum class Outcome : std::uint8_t {
  attested,
  blocked,
  gate_shut,
  step_failed,
  waiting,
  cancelled,
  stopped,
  superseded,
};

struct OutcomeRow {
  Outcome outcome;
  std::string_view name;
  int exit_code;
};
const OutcomeRow& outcome_row(Outcome outcome);

// How a run stands. `step` is the first step that decides it, in plan order; empty when all
// passed. Requires: no step is running.
struct Standing {
  Outcome outcome = Outcome::waiting;
  std::string step;
  std::string detail;  // every step passed, and yet this named check is not proved
  // Of a drive: the number of the run's next event as far as it looked. Another one in the store
  // (Journal::has_moved) says that somebody has said something since.
  std::uint64_t seen = 0;
};
Standing standing(const protocol::Plan& plan, const RunState& state);

// The one line that ends every stop: "fix src/book.cc:88, then  writ resume".
std::string next_line(const protocol::Plan& plan, const RunState& state);

}  // namespace writ::execution
