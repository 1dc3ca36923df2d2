#pragma once
// wait: passes once its time has gone by since the attempt began. Nothing sleeps here: the engine
// comes back at `wake`. A clock that is set forward ends it; where it is set back, the time begins
// anew, once.
#include "execution/step_executor.h"

namespace writ::executors {

class Wait final : public execution::StepExecutor {
 public:
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;
};

}  // namespace writ::executors
