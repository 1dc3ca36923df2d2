#pragma once
// external: an outside agent or person does the work and hands in evidence. Waits for a signed
// submission, verifies it again, and turns the files it vouches for into evidence.
#include "execution/step_executor.h"
#include "identity/authority.h"

namespace writ::executors {

class External final : public execution::StepExecutor {
 public:
  // `authority` is borrowed.
  explicit External(const identity::Authority& authority) : authority_(authority) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  const identity::Authority& authority_;
};

}  // namespace writ::executors
