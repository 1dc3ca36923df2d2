#pragma once
// Blobs as files: DIRECTORY/ab/abcd….zst, named by the SHA-256 of what they hold. Files appear
// by rename, so a name never stands for half a blob. A lock file keeps collectors away while a
// name appears; an hour of grace covers the time until the transaction that refers to it.
//
// Thread-safe; several processes may share one directory.
#include <chrono>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/blob_store.h"

namespace writ {
class Clock;
}

namespace writ::store {

struct DirectoryBlobOptions {
  // Unreferenced blobs younger than this stay: a transaction may be about to refer to them.
  std::chrono::seconds grace = std::chrono::hours(1);
};

// Creates `directory` with mode 0700 when it is missing. `clock` is borrowed.
// Errors: storage_failed.
Result<std::unique_ptr<BlobStore>> open_directory_blob_store(std::filesystem::path directory,
                                                             const Clock& clock,
                                                             DirectoryBlobOptions options = {});

}  // namespace writ::store
