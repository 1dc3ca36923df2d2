#pragma once
// Makes one store what another one is, whatever adapters they have: to change from SQLite to
// PostgreSQL and back, and for backups.
//
//   copy(from, to, migrations)                 while `from` is in use: most of the work
//   -- nobody writes to `from` any more --
//   copy(from, to, migrations)                 what has changed meanwhile
//   copy_blobs(…); finish_copy(to)             `to` may be opened as any store
//
// Each `copy` reads one snapshot of `from`, compares it with what `to` holds and writes the
// difference, so a copy that was interrupted, killed or overtaken is simply begun again. Until it
// is finished `open` refuses `to` (OpenOptions::unfinished_copy). Only `copy` writes to it.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/store.h"

namespace writ::store {

class BlobStore;  // store/blob_store.h

struct TableReport {
  std::string table;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;    // of keys and values
  crypto::Digest digest;      // of all rows in order, each key and value behind its length
  std::uint64_t changed = 0;  // rows that were written or erased
};

struct CopyOptions {
  // Rows and bytes of a transaction, more or less.
  std::size_t slice_rows = 2'000;
  std::size_t slice_bytes = 4u << 20;
  // Told after each slice how far its table has come; its error ends the copy.
  std::function<Result<void>(const TableReport&)> progress = {};
};

// The tables of `migrations`, in their order. Both stores are read afterwards from end to end:
// what is returned is what both hold. Blocking.
// Errors: unsupported (`from` is not where `migrations` end), conflict (`to` holds something that
// no copy has put there), tampered (`to` does not hold what was written to it), those of either
// store and of `progress`.
Result<std::vector<TableReport>> copy(Store& from, Store& to,
                                      const std::vector<Migration>& migrations,
                                      const CopyOptions& options = {});

// Puts every blob that `to` refers to and that is not there; all are read and checked at the end.
// Errors: not_found (a blob has gone from `from_blobs` meanwhile: copy again), tampered, those of
// any of them.
Result<void> copy_blobs(BlobStore& from_blobs, Store& to, BlobStore& to_blobs);

// `to` is a store like any other from here on.
Result<void> finish_copy(Store& to);

Result<bool> is_unfinished_copy(Store& store);

}  // namespace writ::store
