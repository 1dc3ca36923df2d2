#pragma once
// What recovery keeps in the store: how backups are kept, and the highest epoch that a principal
// had who is not there any more. All functions belong to the thread of their transaction.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/deed.h"
#include "store/store.h"

namespace writ::identity {

struct RecoveryConfig {
  std::int64_t keep = 14;  // backups; older ones go when another was made
  std::string place = {};  // an absolute directory; empty: where the server's own files are

  bool operator==(const RecoveryConfig&) const = default;
};

Object to_object(const RecoveryConfig& config);

Result<RecoveryConfig> read_recovery_config(store::Tx& tx);
// The members of `patch` in place of what is set. Errors: invalid_input (out of bounds; a place
// that is no private directory of this user's: it is looked at when this is called).
Result<RecoveryConfig> change_recovery_config(store::Tx& tx, const Value& patch, const Deed& deed);

// Whoever comes back has an epoch above it. It only rises.
Result<std::uint64_t> epoch_floor(store::Tx& tx);
Result<void> raise_epoch_floor(store::Tx& tx, std::uint64_t epoch);

std::vector<store::Migration> recovery_migrations();

}  // namespace writ::identity
