#pragma once
// What a run tells those who watch it: the terminal's tree, the `--json` stream, an SSE feed.
// Called on the driver's thread except `step_output`, which comes from workers. Told only of what
// is durable. Must be quick; must not call back into the engine.
#include <span>
#include <string_view>

#include "execution/outcome.h"
#include "execution/state.h"
#include "execution/step_executor.h"
#include "policy/rule_table.h"
#include "protocol/plan.h"

namespace writ::execution {

// An attempt as it ended.
struct StepEnd {
  const protocol::PlanStep& step;
  std::size_t index;
  const StepState& state;
  std::span<const Problem> problems;
  const policy::Decision* decision;  // nullptr: no gate was judged
  const Blocker* blocker;            // nullptr: none was raised
};

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void run_opened(const protocol::Plan& plan, const RunState& state) = 0;
  virtual void step_started(const protocol::PlanStep& step, std::size_t index,
                            const StepState& state) = 0;
  virtual void step_output(const protocol::PlanStep& step, std::string_view line) = 0;
  // The step is to run again: an edit made it stale, its attempt was interrupted, or it did not
  // pass and the run is resumed. A retry of the step's own is an end whose state is pending.
  virtual void step_reopened(const protocol::PlanStep& step, std::string_view reason) = 0;
  virtual void step_ended(const StepEnd& end) = 0;
  virtual void run_ended(const protocol::Plan& plan, const RunState& state,
                         const Standing& standing) = 0;
};

// Tells nobody.
class QuietProgress final : public Progress {
 public:
  void run_opened(const protocol::Plan&, const RunState&) override {}
  void step_started(const protocol::PlanStep&, std::size_t, const StepState&) override {}
  void step_output(const protocol::PlanStep&, std::string_view) override {}
  void step_reopened(const protocol::PlanStep&, std::string_view) override {}
  void step_ended(const StepEnd&) override {}
  void run_ended(const protocol::Plan&, const RunState&, const Standing&) override {}
};

}  // namespace writ::execution
