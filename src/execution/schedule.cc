#include "execution/schedule.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace writ::execution {

Schedule::Schedule(const protocol::Plan& plan) {
  std::map<std::string_view, std::uint32_t> index;
  for (const protocol::PlanStep& step : plan.steps) {
    std::vector<std::uint32_t> needs;
    for (const std::string& need : step.needs) {
      const auto at = index.find(need);
      WRIT_ASSERT(at != index.end());  // the compiler of plans orders them
      needs.push_back(at->second);
    }
    index.emplace(step.path, static_cast<std::uint32_t>(needs_.size()));
    needs_.push_back(std::move(needs));
  }
}

std::vector<std::size_t> Schedule::ready(const RunState& state, WallTime now) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    const StepState& step = state.steps[i];
    if (step.status != StepStatus::pending || (step.wake && *step.wake > now)) continue;
    const bool is_free = std::all_of(needs_[i].begin(), needs_[i].end(), [&](std::uint32_t need) {
      return state.steps[need].status == StepStatus::passed;
    });
    if (is_free) out.push_back(i);
  }
  return out;
}

std::optional<WallTime> Schedule::next_wake(const RunState& state) {
  std::optional<WallTime> earliest;
  for (const StepState& step : state.steps) {
    const bool may_go_on = step.status == StepStatus::pending || step.status == StepStatus::waiting;
    if (may_go_on && step.wake && (!earliest || *step.wake < *earliest)) earliest = step.wake;
  }
  return earliest;
}

bool Schedule::is_halted(const RunState& state) {
  return std::any_of(state.steps.begin(), state.steps.end(), [](const StepState& s) {
    return s.status == StepStatus::failed || s.status == StepStatus::shut ||
           s.status == StepStatus::blocked;
  });
}

bool Schedule::all_passed(const RunState& state) {
  return std::all_of(state.steps.begin(), state.steps.end(),
                     [](const StepState& s) { return s.status == StepStatus::passed; });
}

}  // namespace writ::execution
