#include "execution/step_slots.h"

namespace writ::execution {

Result<StepSlots::Slot> StepSlots::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!released_.wait(lock, stop, [&] { return free_ > 0; })) {
    return fail(Code::cancelled, "stopped before there was room for the step");
  }
  --free_;
  return Slot(*this);
}

void StepSlots::release() {
  const std::lock_guard lock(mutex_);
  ++free_;
  released_.notify_one();
}

}  // namespace writ::execution
