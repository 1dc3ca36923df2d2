#pragma once
// Backups of the identity side: directories below one place, each with a signed manifest and sealed
// rows. A backup is there when its directory has its name; before that it was read back into a
// scratch store. Mechanism: docs/architecture/recovery.md.
//
// Blocking; thread-safe, also between servers that share store and place.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "identity/accounts/deed.h"
#include "identity/journal.h"
#include "identity/recovery/manifest.h"
#include "identity/server_secrets.h"
#include "store/store.h"

namespace writ::identity {

// All is borrowed.
struct RecoveryParts {
  store::Store& store;
  Journal& journal;
  const Clock& clock;
  Random& random;
  const ServerSecrets& secrets;
  std::filesystem::path directory;  // where backups go while no other place is set
};

// Rows of one snapshot, while others write. After one that was asked for, those beyond what is kept
// go.
// Errors: conflict (nobody administers the server: it could not be restored), storage_failed,
// tampered (what was written could not be read back), those of the store.
Result<Manifest> make_backup(const RecoveryParts& parts, BackupReason reason, const Deed& deed);

// Newest first; what is no whole backup is left out.
Result<std::vector<Manifest>> list_backups(const RecoveryParts& parts);

// A backup in a store of its own, in memory, migrated to what this Writ knows. Its counts, digests
// and invariants hold.
struct Scratch {
  Manifest manifest;
  std::unique_ptr<store::Store> store;
};

// Errors: not_found (no such backup; a key that it needs is not there), unsupported (made by a
// newer Writ), signature_bad, tampered, conflict (it breaks an invariant, or holds nothing).
Result<Scratch> open_backup(const RecoveryParts& parts, BackupId id);

// That somebody can administer the server, and that accounts, machines and keys are those of
// principals who are there. Errors: conflict.
Result<void> check_whole(store::Tx& tx);
// That both ends of every link are there. Errors: conflict.
Result<void> check_links(store::Tx& tx);

}  // namespace writ::identity
