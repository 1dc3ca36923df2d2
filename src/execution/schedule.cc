#include "execution/schedule.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace writ::execution {
namespace {

// A step is tried again at its wake; at once where the clock now stands before the try that failed:
// it was set back, and nobody knows how long ago that was.
WallTime wake_of(const StepState& step, WallTime now) {
  const bool is_set_back = step.status == StepStatus::pending && step.since && now < *step.since;
  return is_set_back ? std::min(now, *step.wake) : *step.wake;
}

bool halts(StepStatus status) {
  return status == StepStatus::failed || status == StepStatus::shut ||
         status == StepStatus::blocked;
}

}  // namespace

Schedule::Schedule(const protocol::Plan& plan) : steps_(plan.steps.size()) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  for (std::uint32_t i = 0; i < steps_.size(); ++i) {
    for (const std::string& need : plan.steps[i].needs) {
      const auto at = places.find(need);
      WRIT_ASSERT(at != places.end());  // the compiler of plans orders them
      steps_[at->second].needed_by.push_back(i);
      ++steps_[i].open_needs;
    }
    places.emplace(plan.steps[i].path, i);
    if (steps_[i].open_needs == 0) startable_.insert(i);
  }
}

void Schedule::note(const RunState& state, std::span<const std::size_t> changed) {
  for (const std::size_t index : changed) {
    Step& step = steps_[index];
    const StepStatus now = state.steps[index].status;
    halting_ += halts(now) ? 1 : 0;
    halting_ -= halts(step.status) ? 1 : 0;
    passed_ += now == StepStatus::passed ? 1 : 0;
    passed_ -= step.status == StepStatus::passed ? 1 : 0;
    step.status = now;
    settle(static_cast<std::uint32_t>(index));
  }
}

// A step that passed before one ahead of it was reopened does not stand in for that one: what
// comes after both waits for both. So what changes for one step is passed on to those behind it.
void Schedule::settle(std::uint32_t first) {
  std::vector<std::uint32_t> open{first};
  while (!open.empty()) {
    const std::uint32_t index = open.back();
    open.pop_back();
    Step& step = steps_[index];
    const bool is_free = step.open_needs == 0;
    if (is_free && step.status == StepStatus::pending) {
      startable_.insert(index);
    } else {
      startable_.erase(index);
    }
    const bool is_settled = is_free && step.status == StepStatus::passed;
    if (is_settled == step.is_settled) continue;
    step.is_settled = is_settled;
    for (const std::uint32_t behind : step.needed_by) {
      steps_[behind].open_needs += is_settled ? -1u : 1u;
      open.push_back(behind);
    }
  }
}

std::vector<std::size_t> Schedule::ready(const RunState& state, WallTime now,
                                         std::size_t limit) const {
  std::vector<std::size_t> out;
  for (const std::uint32_t index : startable_) {
    if (out.size() == limit) break;
    const StepState& step = state.steps[index];
    if (!step.wake || wake_of(step, now) <= now) out.push_back(index);
  }
  return out;
}

std::optional<WallTime> Schedule::next_wake(const RunState& state, WallTime now) {
  std::optional<WallTime> earliest;
  for (const StepState& step : state.steps) {
    const bool may_go_on = step.status == StepStatus::pending || step.status == StepStatus::waiting;
    if (!may_go_on || !step.wake) continue;
    const WallTime wake = wake_of(step, now);
    earliest = std::min(earliest.value_or(wake), wake);
  }
  return earliest;
}

}  // namespace writ::execution
