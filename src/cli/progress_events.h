#pragma once
// A run as a stream of JSON lines, for `--json`: one object an event, in order.
#include <iosfwd>
#include <mutex>

#include "base/clock.h"
#include "cli/open_runs.h"
#include "execution/progress.h"

namespace writ::cli {

class ProgressEvents final : public execution::Progress {
 public:
  ProgressEvents(std::ostream& out, const Clock& clock) : out_(out), clock_(clock) {}

  void run_opened(const protocol::Plan& plan, const execution::RunState& state) override;
  void step_started(const protocol::PlanStep& step, std::size_t index,
                    const execution::StepState& state) override;
  void step_output(const protocol::PlanStep& step, std::string_view line) override;
  void step_reopened(const protocol::PlanStep& step, std::string_view reason) override;
  void step_ended(const execution::StepEnd& end) override;
  void run_ended(const protocol::Plan& plan, const execution::RunState& state,
                 const execution::Standing& standing) override;

 private:
  void write(std::string_view event, RunId run, Object members);
  RunId run_of(const protocol::PlanStep& step);

  std::ostream& out_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows, and out_
  OpenRuns runs_;
};

}  // namespace writ::cli
