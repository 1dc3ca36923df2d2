#pragma once
// Which run a step that progress is told about belongs to: a run and the child runs of its
// `spec` steps are told about through one Progress, at once. Not thread-safe.
#include <cstddef>
#include <string>
#include <vector>

#include "base/id.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::cli {

struct OpenRun {
  RunId id;
  const protocol::PlanStep* first = nullptr;
  std::size_t total = 0;
  std::size_t depth = 0;  // 0: the run that was asked for
};

class OpenRuns {
 public:
  // The steps of `plan` stay where they are until the run is closed.
  const OpenRun& open(const protocol::Plan& plan, const execution::RunRow& row);
  // The newest run that has `step`; one without steps when there is none.
  OpenRun of(const protocol::PlanStep& step) const;
  // The run as it was; a run that was never opened has depth 0.
  OpenRun close(RunId id);

 private:
  std::vector<OpenRun> runs_;
};

}  // namespace writ::cli
