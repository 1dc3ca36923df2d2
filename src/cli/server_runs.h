#pragma once
// Runs that `writ serve` drives for others, as `writ apply`, `resume` and `cancel` do it: each with
// a project of its own, so that several go on side by side.
#include "cli/command.h"
#include "project/run_driver.h"

namespace writ::cli {

class ServerRuns final : public project::RunDriver {
 public:
  // `context` is borrowed; its arguments are not looked at.
  explicit ServerRuns(const CommandContext& context) : context_(context) {}

  Result<void> begin(const project::RunOrder& order) override;
  Result<execution::Standing> drive(RunId run, const std::function<void(Value)>& tell,
                                    std::stop_token stop) override;
  Result<void> cancel(RunId run) override;
  Result<void> replan(const project::ReplanOrder& order) override;
  Result<std::string> bundle(RunId run) override;

 private:
  const CommandContext& context_;
};

}  // namespace writ::cli
