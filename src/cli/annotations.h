#pragma once
// Findings as workflow commands of GitHub Actions, beside what another Progress shows. GitHub
// shows ten errors a step and drops the rest in silence: the first ones are printed, and how many
// more there are.
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <mutex>

#include "execution/progress.h"

namespace writ::cli {

class Annotations final : public execution::Progress {
 public:
  Annotations(std::ostream& out, std::unique_ptr<execution::Progress> shown)
      : out_(out), shown_(std::move(shown)) {}

  void run_opened(const protocol::Plan& plan, const execution::RunState& state) override;
  void step_started(const protocol::PlanStep& step, std::size_t index,
                    const execution::StepState& state) override;
  void step_output(const protocol::PlanStep& step, std::string_view line) override;
  void step_reopened(const protocol::PlanStep& step, std::string_view reason) override;
  void step_ended(const execution::StepEnd& end) override;
  void run_ended(const protocol::Plan& plan, const execution::RunState& state,
                 const execution::Standing& standing) override;

 private:
  void annotate(const execution::StepEnd& end, const execution::Problem& problem);

  std::ostream& out_;
  std::unique_ptr<execution::Progress> shown_;
  std::mutex mutex_;  // guards the counts and out_: child runs report from their own threads
  std::size_t printed_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace writ::cli
