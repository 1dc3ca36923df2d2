#pragma once
// The durable store of one host: an SQLite file with a write-ahead log, synced at each commit.
#include <memory>
#include <string>

#include "base/result.h"
#include "store/open.h"
#include "store/store.h"

namespace writ::store {

// `clock` is borrowed and must outlive the store. Errors: see store/open.h.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const Clock& clock,
                                                 const OpenOptions& options);

}  // namespace writ::store
