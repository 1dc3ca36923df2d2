#include "cli/open_runs.h"

#include <algorithm>
#include <functional>

namespace writ::cli {

const OpenRun& OpenRuns::open(const protocol::Plan& plan, const execution::RunRow& row) {
  close(row.id);
  const auto parent = std::ranges::find(runs_, row.parent, &OpenRun::id);
  const std::size_t depth = parent == runs_.end() ? 0 : parent->depth + 1;
  runs_.push_back({row.id, plan.steps.data(), plan.steps.size(), depth});
  return runs_.back();
}

OpenRun OpenRuns::of(const protocol::PlanStep& step) const {
  // std::less orders pointers into different arrays.
  const std::less<const protocol::PlanStep*> before;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!before(&step, run->first) && before(&step, run->first + run->total)) return *run;
  }
  return {};
}

OpenRun OpenRuns::close(RunId id) {
  const auto at = std::ranges::find(runs_, id, &OpenRun::id);
  if (at == runs_.end()) return {};
  const OpenRun run = *at;
  runs_.erase(at);
  return run;
}

}  // namespace writ::cli
