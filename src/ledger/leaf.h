#pragma once
// The leaf of an event: one RFC 8785 object of strings, docs/formats/leaf.md. What is stored is
// exactly what is hashed, so reading is strict: only bytes that leaf_bytes makes are accepted.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/entry.h"

namespace writ::ledger {

inline constexpr std::size_t kLeafLimit = 65'535;  // C2SP tlog-tiles: a length of 16 bits

// The members of a leaf as they stand there, escapes and all; absent ones are empty. Views into
// the leaf.
struct LeafFields {
  std::string_view actor, causation, correlation, id, payload_digest, run, seq, source, subject,
      time, type;
};

// Errors: tampered.
Result<LeafFields> split_leaf(std::string_view leaf);
// A member's text without escapes.
std::string unescape_leaf_text(std::string_view escaped);
// The event that has this leaf, without index, salt and payload. Errors: tampered.
Result<Event> parse_leaf(std::string_view leaf);

// SHA256(salt || payload).
Digest payload_digest(std::string_view salt, std::string_view payload);

// What an entry must be before it can have a leaf. Errors: invalid_input.
Result<void> check_entry(const Entry& entry);

}  // namespace writ::ledger
