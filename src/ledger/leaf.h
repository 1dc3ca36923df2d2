#pragma once
// Around the leaf of an event (leaf_bytes in ledger/entry.h; docs/formats/leaf.md).
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/entry.h"

namespace writ::ledger {

inline constexpr std::size_t kLeafLimit = 65'535;  // C2SP tlog-tiles: a length of 16 bits

// What the leaf hash is taken of, RFC 6962: a zero byte, then the leaf.
std::string hashed_leaf(const Entry& entry, const Digest& payload_digest);

// SHA256(salt || payload).
Digest payload_digest(std::string_view salt, std::string_view payload);

// What an entry must be before it can have a leaf. Errors: invalid_input.
Result<void> check_entry(const Entry& entry);

}  // namespace writ::ledger
