#pragma once
// spec: a spec of its own, as a child run. The child's id follows from the parent's run and step,
// so that a parent that was killed finds its child again instead of starting another.
#include <functional>
#include <stop_token>
#include <string_view>

#include "execution/outcome.h"
#include "execution/step_executor.h"

namespace writ::executors {

struct ChildRun {
  RunId run;
  execution::Standing standing;
};

// Starts, or finds, the child run of the spec at `path` and drives it; given by who wires the
// engine. `first` is the first child's id. A child that has ended on another tree or under another
// plan proves nothing here: the next one takes its place. Errors: those of loading and driving.
using DriveChild =
    std::function<Result<ChildRun>(RunId first, std::string_view path, std::stop_token stop)>;

class SubSpec final : public execution::StepExecutor {
 public:
  explicit SubSpec(DriveChild drive) : drive_(std::move(drive)) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  DriveChild drive_;
};

}  // namespace writ::executors
