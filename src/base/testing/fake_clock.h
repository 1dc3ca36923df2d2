#pragma once
// A clock that stands still until a test moves it. Not thread-safe.
#include <chrono>

#include "base/clock.h"

namespace writ {

class FakeClock final : public Clock {
 public:
  // 2026-01-01T00:00:00Z unless said otherwise.
  explicit FakeClock(WallTime start = {1'767'225'600'000'000}) : wall_(start) {}

  WallTime wall() const override { return wall_; }
  std::chrono::steady_clock::time_point steady() const override { return steady_; }

  // Both clocks go on together.
  void advance(std::chrono::microseconds by) {
    wall_.micros += by.count();
    steady_ += by;
  }
  // As when an operator sets the machine's clock.
  void set_wall(WallTime time) { wall_ = time; }

 private:
  WallTime wall_;
  std::chrono::steady_clock::time_point steady_{std::chrono::hours(1)};
};

}  // namespace writ
