#pragma once
// What may run next: pure questions over a plan and the state of a run.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

// The plan's `needs` as indices, made once per drive: plans may have thousands of steps.
class Schedule {
 public:
  explicit Schedule(const protocol::Plan& plan);

  // Pending steps whose needs have all passed, through and through, and whose wake time has come;
  // in plan order.
  std::vector<std::size_t> ready(const RunState& state, WallTime now) const;
  // The earliest time at which a pending or waiting step may go on by itself.
  static std::optional<WallTime> next_wake(const RunState& state);
  // Whether a step stands in a way that stops the run from starting others: failed, shut, blocked.
  static bool is_halted(const RunState& state);
  static bool all_passed(const RunState& state);

 private:
  std::vector<std::vector<std::uint32_t>> needs_;
};

}  // namespace writ::execution
