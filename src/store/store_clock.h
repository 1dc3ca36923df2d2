#pragma once
// The time a store's leases are judged by: the machine's clock made monotonic. It never falls
// behind what it said before, nor behind the highest time stored by anybody, and it goes on at
// the pace of the steady clock while the wall clock stands back. So a clock set back neither
// shortens a lease nor makes one last for ever.
//
// Thread-safe.
#include <chrono>
#include <mutex>

#include "base/clock.h"

namespace writ::store {

class StoreClock {
 public:
  explicit StoreClock(const Clock& clock) : clock_(clock) {}

  // `stored`: the highest time that this store has on record.
  WallTime now(WallTime stored);

 private:
  const Clock& clock_;
  std::mutex mutex_;
  WallTime last_;
  std::chrono::steady_clock::time_point last_steady_;
};

}  // namespace writ::store
