#pragma once
// The store in a PostgreSQL database, for several servers at once. Its tables are in the schema
// `writ`, which is Writ's alone. Statements are those that CockroachDB, YugabyteDB and Citus
// accept too: docs/architecture/store.md lists them.
#include <memory>
#include <string>

#include "base/result.h"
#include "store/open.h"
#include "store/store.h"

namespace writ::store {

// Errors: not_found (no such database, or no store in it with IfMissing::fail), unsupported (the
// schema belongs to another program or to a newer Writ), not_permitted, unavailable.
Result<std::unique_ptr<Store>> open_pg_store(const std::string& url, const OpenOptions& options);

}  // namespace writ::store
