#pragma once
// An entry that was found fit for the log, with what was worked out for it.
#include <cstdint>
#include <string>

#include "ledger/entry.h"

namespace writ::ledger {

struct PreparedEntry {
  const Entry* entry = nullptr;  // borrowed
  std::string salt;
  Digest payload_digest;
  Digest leaf;
  // As of the last attempt to append it.
  bool is_new = true;  // false: the log, or the batch, has it already
  std::uint64_t place = 0;
};

}  // namespace writ::ledger
