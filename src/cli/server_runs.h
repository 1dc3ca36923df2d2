#pragma once
// Runs that `writ serve` drives for others, as `writ apply`, `resume` and `cancel` do it: each with
// a repository of its own, so that many go on side by side, and all with the server's store, so
// that they share its commits.
#include "cli/command.h"
#include "execution/step_slots.h"
#include "project/run_driver.h"

namespace writ::cli {

class ServerRuns final : public project::RunDriver {
 public:
  // `context` is borrowed; its arguments are not looked at.
  explicit ServerRuns(const CommandContext& context) : context_(context) {}

  Result<void> begin(const project::Project& project, const project::RunOrder& order) override;
  Result<execution::Standing> drive(const project::Project& project, RunId run,
                                    const std::function<void(Value)>& tell,
                                    std::stop_token stop) override;
  Result<void> cancel(const project::Project& project, RunId run) override;
  Result<void> replan(const project::Project& project, const project::ReplanOrder& order) override;
  Result<std::string> bundle(const project::Project& project, RunId run) override;

 private:
  // Steps that run something at once: many runs wait, few work.
  static constexpr std::size_t kSlots = 8;

  const CommandContext& context_;
  execution::StepSlots slots_{kSlots};
};

}  // namespace writ::cli
