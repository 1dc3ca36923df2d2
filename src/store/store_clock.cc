#include "store/store_clock.h"

#include <algorithm>

namespace writ::store {

WallTime StoreClock::now(WallTime stored) {
  using std::chrono::microseconds;
  const std::lock_guard lock(mutex_);
  const auto steady = clock_.steady();
  const auto passed = std::chrono::duration_cast<microseconds>(steady - last_steady_).count();
  const bool is_first = last_ == WallTime{};
  const WallTime paced{is_first ? 0 : last_.micros + passed};
  last_ = std::max({clock_.wall(), paced, stored});
  last_steady_ = steady;
  return last_;
}

}  // namespace writ::store
