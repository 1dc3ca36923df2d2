#pragma once
// Who drives a run. One driver at a time: a lease in the store, on the store's clock, with a
// fence number that grows at every take-over and is checked in every commit, so that a driver
// that was thought dead can change nothing any more.
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/units.h"
#include "store/store.h"

namespace writ::execution {

// A process on a host; pid and start time together are never used twice.
struct Owner {
  std::string host;  // boot id of the kernel: another boot, another host
  int pid = 0;
  std::uint64_t start_ticks = 0;
  friend bool operator==(const Owner&, const Owner&) = default;
};

// This process.
Owner this_process();
// Whether `owner` is known to be gone: same host, and no such process. False when in doubt.
bool is_gone(const Owner& owner);

struct Lease {
  RunId run;
  Owner owner;
  std::uint64_t fence = 0;
  WallTime expires;
};

inline constexpr Duration kLeaseTime{30'000};

// Takes the lease when it is free, expired, or its owner is gone.
// Errors: unavailable, naming the process that drives the run.
Result<Lease> acquire_lease(store::Store& store, RunId run, const Owner& owner);
// In the caller's transaction: nobody has taken it over. What every commit asks, so it looks at
// the fence alone. Errors: lease_lost.
Result<void> expect_lease(store::Tx& tx, const Lease& lease);
// The same, and renews it when a third of its time has passed.
Result<void> hold_lease(store::Tx& tx, Lease& lease);
Result<void> release_lease(store::Store& store, const Lease& lease);

inline constexpr store::Table kLeaseTable{"run_lease"};

}  // namespace writ::execution
