#pragma once
// What the store's fault tests do to a store, and what must be true of it afterwards.
//
// Write number i puts one row into each of two tables and counts up: all three or none. So every
// state that a store may ever show is a prefix of the writes, named by its length, except where a
// write in the middle was refused.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/open.h"
#include "store/store.h"

namespace writ::store {

inline constexpr int kWorkloadWrites = 12;

std::vector<Migration> workload_migrations();

// Opens and migrates. `vfs`: empty for the machine's own.
Result<std::unique_ptr<Store>> open_workload(const std::string& path, const std::string& vfs);

// Write number `i`; some are large enough to spread over several pages.
Result<void> workload_write(Store& store, int i);

// Opens the store with the machine's VFS, checks it and says which writes it holds.
// Errors: whatever is wrong with it; internal when a write is there in part.
Result<std::set<int>> surviving_writes(const std::string& path);

}  // namespace writ::store
