#pragma once
// From what an attempt did to what becomes of it: evidence records, scope, gate, blocker. Reads
// the workspace's diff when the tree changed; otherwise pure. The driver stages what it returns.
#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "execution/journal.h"
#include "execution/step_executor.h"
#include "execution/transition.h"
#include "execution/workspace.h"
#include "protocol/plan.h"

namespace writ::execution {

struct Attempt {
  std::size_t index = 0;
  Tree before;
  Tree after;
  StepResult result;
  std::chrono::milliseconds elapsed{0};
  std::uint32_t retries = 0;  // of this step since the drive began
  double jitter = 0;          // 0 … 1, spreads the back-off
};

struct JudgeContext {
  const protocol::Plan& plan;
  const RunState& state;                       // the step is still running
  std::span<const evidence::Record> evidence;  // of the run before this attempt
  Workspace& workspace;
  WallTime now;
};

struct Judgement {
  Completion completion;  // unless `is_waiting`
  bool is_waiting = false;
  std::optional<WallTime> wake;  // of `is_waiting`
  Attachments attachments;
  std::optional<Blocker> blocker;
  std::vector<Problem> problems;
  std::optional<policy::Decision> decision;
};

Result<Judgement> judge(const JudgeContext& context, Attempt attempt);

}  // namespace writ::execution
