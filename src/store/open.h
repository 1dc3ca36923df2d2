#pragma once
// Opens a store by URL. Callers see store/store.h only; which adapter serves them is decided here.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace writ {
class Clock;
class Random;
}  // namespace writ

namespace writ::store {

class BlobStore;  // store/blob_store.h

enum class IfMissing : std::uint8_t { create, fail };

// A store that a copy is being made of another one in (store/copy.h).
enum class UnfinishedCopy : std::uint8_t { refuse, open };

// Whether writes to a store that has moved fail (store/moved.h). Only whoever moves it passes.
enum class Fence : std::uint8_t { heeds, passes };

struct OpenOptions {
  // Where `Tx::now` and batch limits take their time from; nullptr: the database's clock where it
  // has one, else the machine's.
  // Borrowed, must outlive the store.
  const Clock* clock = nullptr;
  // How long a write waits while another process holds the write lock, or goes on being tried
  // while others are in its way or the database is away.
  std::chrono::milliseconds busy_timeout{5'000};
  IfMissing if_missing = IfMissing::create;
  UnfinishedCopy unfinished_copy = UnfinishedCopy::refuse;
  Fence fence = Fence::heeds;
  // Name of a registered SQLite VFS; empty: SQLite's own. Fault tests register theirs.
  std::string sqlite_vfs = {};
  // PostgreSQL: transactions at the same time.
  std::size_t connections = 16;
};

// `sqlite:PATH`, `postgresql://…` as libpq reads it, or `memory:`. A new SQLite file gets mode
// 0600; its directory must exist. A database must exist; the store is the schema `writ` in it.
// Errors: unsupported (another scheme; a file of another program or of a newer Writ), not_found
// (no such file, with IfMissing::fail), conflict (an unfinished copy), storage_failed, unavailable,
// tampered.
Result<std::unique_ptr<Store>> open(std::string_view url, const OpenOptions& options = {});

// The blobs that belong to the store at `url`: files below `directory` (made if missing), or rows
// of a database that several servers share. All are borrowed and must outlive it.
Result<std::unique_ptr<BlobStore>> open_blobs(std::string_view url, Store& store,
                                              const std::filesystem::path& directory,
                                              const Clock& clock, Random& random);

}  // namespace writ::store
