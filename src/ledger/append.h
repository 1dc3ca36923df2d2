#pragma once
// The first stage: an entry becomes a pending row of the caller's transaction.
#include "base/random.h"
#include "base/result.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace writ::ledger {

// See Ledger::append.
Result<EventId> append_entry(store::Tx& tx, Random& random, const LedgerOptions& options,
                             const Entry& entry);

}  // namespace writ::ledger
