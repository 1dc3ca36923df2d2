#pragma once
// approval: waits for a person's signed word. What was recorded is verified again here, against
// the tree as it is now: an approval of another tree opens nothing.
#include "execution/step_executor.h"
#include "identity/authority.h"

namespace writ::executors {

class Approval final : public execution::StepExecutor {
 public:
  // `authority` is borrowed.
  explicit Approval(const identity::Authority& authority) : authority_(authority) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  const identity::Authority& authority_;
};

}  // namespace writ::executors
