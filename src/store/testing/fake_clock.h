#pragma once
// A clock that stands until a test moves it.
#include <chrono>
#include <mutex>

#include "base/clock.h"

namespace writ::store {

class FakeClock final : public Clock {
 public:
  WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }
  std::chrono::steady_clock::time_point steady() const override {
    const std::lock_guard lock(mutex_);
    return steady_;
  }

  // Time passes: both clocks go on.
  void pass(std::chrono::microseconds time) {
    const std::lock_guard lock(mutex_);
    wall_.micros += time.count();
    steady_ += time;
  }
  // Somebody sets the wall clock, forward or back.
  void set_back(std::chrono::microseconds time) {
    const std::lock_guard lock(mutex_);
    wall_.micros -= time.count();
  }

 private:
  mutable std::mutex mutex_;
  WallTime wall_{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
  std::chrono::steady_clock::time_point steady_{std::chrono::hours(1)};
};

}  // namespace writ::store
