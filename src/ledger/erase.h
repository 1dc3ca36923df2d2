#pragma once
// Erasing a payload for good. Leaf, index and proofs stay; an event of the log says who erased it.
#include "base/result.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace writ::ledger {

// Removes salt and payload of `event` and appends `because`, whose type must be kPayloadErased and
// whose subject erased_subject(event) (ledger/event_types.h). Erasing it again changes nothing.
// What checkpoints and receipts prove stays proven; the bytes are gone from the store once it has
// moved its log. Errors: not_found, invalid_input (`because` is another kind of event), those of
// Ledger::append.
Result<void> erase_payload(Ledger& ledger, store::Tx& tx, EventId event, const Entry& because);

}  // namespace writ::ledger
