#pragma once
// Opens a store by URL. Callers see store/store.h only; which adapter serves them is decided here.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace writ {
class Clock;
}

namespace writ::store {

enum class IfMissing : std::uint8_t { create, fail };

struct OpenOptions {
  // Where `Tx::now` and batch limits take their time from; nullptr: the machine's clock.
  // Borrowed, must outlive the store.
  const Clock* clock = nullptr;
  // How long a write waits while another process holds the write lock.
  std::chrono::milliseconds busy_timeout{5'000};
  IfMissing if_missing = IfMissing::create;
  // Name of a registered SQLite VFS; empty: SQLite's own. Fault tests register theirs.
  std::string sqlite_vfs = {};
};

// `sqlite:PATH` or `memory:`. A new SQLite file gets mode 0600; its directory must exist.
// Errors: unsupported (another scheme; a file of another program or of a newer Writ), not_found
// (no such file, with IfMissing::fail), storage_failed, unavailable, tampered.
Result<std::unique_ptr<Store>> open(std::string_view url, const OpenOptions& options = {});

}  // namespace writ::store
