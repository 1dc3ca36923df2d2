#pragma once
// run: an outside command under limits, in a sandbox where the kernel allows it, with `.writ`
// masked. Its outcome is evidence; so are the reports it declared, if it wrote them.
//
// Exit codes: 0 passes, everything else fails with class `exit`, `signal`, `timeout` or `output`;
// unless the reports show failures and all of them are known ones.
// A declared report that the command did not write is no evidence: the gate that needs it stays
// shut; where there is no gate the step fails.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "execution/step_executor.h"
#include "process/command.h"

namespace writ::executors {

struct RunCommandDeps {
  process::Runner& runner;                                // borrowed
  const std::map<std::string, std::string>& environment;  // of this process; borrowed
  std::vector<std::filesystem::path> masked;              // `.writ`
};

// The command of a `run` step, to be run in `root`. Errors: invalid_input (a secret that is not
// there, a directory out of the tree).
Result<process::Command> command_of(const protocol::PlanStep& step,
                                    const std::filesystem::path& root, const RunCommandDeps& deps,
                                    const std::string& idempotency_key, const std::string& token);

class RunCommand final : public execution::StepExecutor {
 public:
  explicit RunCommand(RunCommandDeps deps) : deps_(std::move(deps)) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  RunCommandDeps deps_;
};

}  // namespace writ::executors
