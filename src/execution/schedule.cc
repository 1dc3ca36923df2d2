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
  // A step that passed before one ahead of it was reopened does not stand in for that one: what
  // comes after both waits for both.
  std::vector<bool> is_settled(needs_.size());
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    const StepState& step = state.steps[i];
    const bool is_free = std::all_of(needs_[i].begin(), needs_[i].end(),
                                     [&](std::uint32_t need) { return is_settled[need]; });
    is_settled[i] = is_free && step.status == StepStatus::passed;
    if (!is_free || step.status != StepStatus::pending) continue;
    if (!step.wake || *step.wake <= now) out.push_back(i);
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
