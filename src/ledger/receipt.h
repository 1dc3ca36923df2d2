#pragma once
// Puts a receipt together; ledger/ledger.h reads and checks them.
#include "ledger/ledger.h"

namespace writ::ledger {

// Fills `text` from the rest.
Receipt make_receipt(std::uint64_t index, std::vector<Digest> proof, Checkpoint checkpoint);

}  // namespace writ::ledger
