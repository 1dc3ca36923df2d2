#include "executors/wait.h"

#include "base/units.h"

namespace writ::executors {

Result<execution::StepResult> Wait::execute(const execution::StepContext& context,
                                            std::stop_token) {
  const Duration wanted{context.step.with.integer_or("for", 0)};
  const WallTime until{context.since.micros + wanted.count() * 1000};
  execution::StepResult result;
  if (context.clock.wall() >= until) return result;
  result.verdict = execution::Verdict::waiting;
  result.reason = "until " + to_rfc3339(until);
  result.wake = until;
  return result;
}

}  // namespace writ::executors
