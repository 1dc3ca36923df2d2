#include "executors/wait.h"

#include <algorithm>

#include "base/units.h"

namespace writ::executors {

Result<execution::StepResult> Wait::execute(const execution::StepContext& context,
                                            std::stop_token) {
  const std::int64_t wanted = Duration{context.step.with.integer_or("for", 0)}.count() * 1000;
  const WallTime now = context.clock.wall();
  WallTime until = context.wake.value_or(WallTime{context.since.micros + wanted});
  // No more is left than there was at the beginning: where it seems so, the clock was set back.
  until.micros = std::min(until.micros, now.micros + wanted);
  execution::StepResult result;
  if (now >= until) return result;
  result.verdict = execution::Verdict::waiting;
  result.reason = "until " + to_rfc3339(until);
  result.wake = until;
  return result;
}

}  // namespace writ::executors
