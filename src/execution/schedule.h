#pragma once
// What may run next. Made once per drive and told of every step that changes, so that a completion
// costs what hangs on it and not what the plan is long: plans may have thousands of steps.
//
// One thread at a time.
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/clock.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

class Schedule {
 public:
  // As if every step were pending.
  explicit Schedule(const protocol::Plan& plan);

  // Takes over the standing of the steps in `changed`. Whatever else is asked of a schedule is
  // about the steps as they were noted last.
  void note(const RunState& state, std::span<const std::size_t> changed);

  // At most `limit` pending steps whose needs have all passed, through and through, and whose wake
  // time has come; in plan order.
  std::vector<std::size_t> ready(const RunState& state, WallTime now, std::size_t limit) const;
  // Whether a step stands in a way that stops the run from starting others: failed, shut, blocked.
  bool is_halted() const { return halting_ != 0; }
  bool all_passed() const { return passed_ == steps_.size(); }

  // The earliest time at which a pending or waiting step may go on by itself. Looks at every step.
  static std::optional<WallTime> next_wake(const RunState& state, WallTime now);

 private:
  struct Step {
    std::vector<std::uint32_t> needed_by;
    std::uint32_t open_needs = 0;  // needs that are not settled
    StepStatus status = StepStatus::pending;
    bool is_settled = false;  // passed, and all that it needs is settled
  };
  void settle(std::uint32_t first);

  std::vector<Step> steps_;
  std::set<std::uint32_t> startable_;  // pending, no open needs
  std::size_t halting_ = 0;
  std::size_t passed_ = 0;
};

}  // namespace writ::execution
