#pragma once
// The secrets of the servers on one store, and the rule that they are made once.
#include <filesystem>

#include "base/result.h"
#include "identity/server_secrets.h"
#include "store/store.h"

namespace writ::identity {

// Reads the file at `path`. It is made where the store has no accounts yet; one that was lost later
// must be brought back. Require: `store` is migrated.
// Errors: those of load_server_secrets, those of the store.
Result<ServerSecrets> load_account_secrets(store::Store& store, const std::filesystem::path& path);

}  // namespace writ::identity
