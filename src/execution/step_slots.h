#pragma once
// How many steps run at once in all drives of a process, whatever each of them would run at once
// by itself. Thread-safe; first come, first served by the scheduler's whim.
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/result.h"

namespace writ::execution {

class StepSlots {
 public:
  explicit StepSlots(std::size_t count) : free_(count) {}
  StepSlots(const StepSlots&) = delete;
  StepSlots& operator=(const StepSlots&) = delete;

  // Given back when it is destroyed; an empty one is nobody's.
  class Slot {
   public:
    Slot() = default;
    ~Slot() { give_back(); }
    Slot(Slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      give_back();
      of_ = std::exchange(other.of_, nullptr);
      return *this;
    }

   private:
    friend class StepSlots;
    explicit Slot(StepSlots& of) : of_(&of) {}
    void give_back() {
      if (StepSlots* const of = std::exchange(of_, nullptr)) of->release();
    }
    StepSlots* of_ = nullptr;
  };

  // Waits until one is free. Errors: cancelled (`stop` was asked for).
  Result<Slot> take(const std::stop_token& stop);

 private:
  void release();

  std::mutex mutex_;
  std::condition_variable_any released_;
  std::size_t free_;
};

}  // namespace writ::execution
