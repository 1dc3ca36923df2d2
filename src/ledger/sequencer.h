#pragma once
// The second stage: takes pending entries into the tree, a round at a time. A round is computed
// on a snapshot, without holding up writers, and applied in one transaction that first compares
// the stored head with the one it began from. That row is the fence: of two sequencers that
// computed the same round one applies it and the other one finds the head moved on.
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "store/store.h"

namespace writ::ledger {

// Entries taken by one round, 0 when none are pending. Entries that were appended together stay
// together, so a round can pass its limit by some. Blocking.
Result<std::uint64_t> run_round(store::Store& store, std::size_t round_limit);

}  // namespace writ::ledger
