#pragma once
// Rotation without a gap: a key gets a successor with the same rights, both are valid, and the old
// one retires by itself once the new one has been used and the old one has not been for a while.
// What shows that is in the event.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr store::Table kRotations{"identity_key_rotations"};

// Uses are noted to within a minute, so nothing shorter says anything.
inline constexpr std::chrono::seconds kShortestDisuse{120};

struct KeyRotation {
  std::string old_key;
  std::string new_key;
  PrincipalId principal;
  WallTime started_at;
  std::chrono::seconds disuse{3600};  // of the old key, before it retires
};

// Nullopt: the principal has no such key.
Result<std::optional<ApiKey>> find_key_of(store::Tx& tx, PrincipalId principal,
                                          const std::string& id);

// `successor`: id, environment and digest of a key that was made; it gets the rest from the old
// one. Errors: not_found (no such key), conflict (it is being rotated, or the principal has too
// many), invalid_input (`disuse` is too short).
Result<ApiKey> rotate_key(store::Tx& tx, const KeyRotation& rotation, ApiKey successor,
                          const Deed& deed);

Result<std::vector<KeyRotation>> list_rotations(store::Tx& tx, std::size_t limit);
// Retires what may retire by now; returns how many.
Result<std::size_t> retire_unused_keys(store::Tx& tx, WallTime now, const Deed& deed);

}  // namespace writ::identity
