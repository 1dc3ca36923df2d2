#pragma once
// Makes one store what another one is, whatever adapters they have: to change from SQLite to
// PostgreSQL and back, and for backups.
//
//   copy(from, to, migrations)                 while `from` is in use: most of the work
//   -- nobody writes to `from` any more --
//   copy(from, to, migrations)                 what has changed meanwhile
//   copy_blobs(…); finish_copy(to)             `to` may be opened as any store
//
// Where servers make it, the name that they know `to` by may lead each of them to another store.
// So `begin_copy` gives `to` an id once, and whoever copies says which id it means
// (CopyClaim::target): a store without that id is not begun, and never written to.
//
// Several processes may mean to make the same copy: who names itself (CopyOptions::holder) has it
// to itself until it has written nothing for the time of its lease. Every transaction that fills
// `to` looks whose turn it is, so whoever was taken for dead and comes back late changes nothing.
//
// Each `copy` reads one snapshot of `from`, compares it with what `to` holds and writes the
// difference, so a copy that was interrupted, killed or overtaken is simply begun again. Until it
// is finished `open` refuses `to` (OpenOptions::unfinished_copy). Only `copy` writes to it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/blob_store.h"
#include "store/moved.h"
#include "store/store.h"

namespace writ::store {

struct TableReport {
  std::string table;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;    // of keys and values
  crypto::Digest digest;      // of all rows in order, each key and value behind its length
  std::uint64_t changed = 0;  // rows that were written or erased
};

// Whose turn it is to fill a store.
struct CopyClaim {
  std::string holder = {};  // random; empty: nobody else copies
  std::string of = {};      // what the copy is for
  std::chrono::milliseconds lease{30'000};
  std::string target = {};  // the id from `begin_copy`; empty: `copy` itself begins
};

struct CopyOptions {
  // Rows and bytes of a transaction, more or less.
  std::size_t slice_rows = 2'000;
  std::size_t slice_bytes = 4u << 20;
  // Told after each slice how far its table has come; its error ends the copy.
  std::function<Result<void>(const TableReport&)> progress = {};
  // Asked after each slice, also of what is only read.
  GoOn go_on = {};
  CopyClaim claim = {};
  // Whether what `to` held when it moved away may be overwritten. Empty: no.
  std::function<Result<bool>(const Moved&)> may_overwrite = {};
};

// Makes of `to`, which holds nothing or what may be overwritten, a copy under way with the id
// `target`. Its id: `target`, or the one that it has been begun with before. Nobody's turn is
// taken. Errors: conflict (`to` holds something else), those of `to` and of `may_overwrite`.
Result<std::string> begin_copy(Store& to, const std::vector<Migration>& migrations,
                               const std::string& target,
                               const std::function<Result<bool>(const Moved&)>& may_overwrite = {});

// The tables of `migrations`, in their order. Both stores are read afterwards from end to end:
// what is returned is what both hold. Blocking.
// Errors: unsupported (`from` is not where `migrations` end), conflict (`to` holds something that
// no copy has put there; another process has taken the copy over, or finished it), unavailable
// (another process makes this copy), tampered (`to` does not hold what was written to it, or
// has another id), those of either store, of `progress` and of `go_on`.
Result<std::vector<TableReport>> copy(Store& from, Store& to,
                                      const std::vector<Migration>& migrations,
                                      const CopyOptions& options = {});

// Which blobs are read again from where they were put. `copied`: those that are put now, which are
// checked on their way; where the others have been read before.
enum class CheckBlobs : std::uint8_t { all, copied };

// Puts every blob that `to` refers to and that is not there. Errors: not_found (a blob has gone
// from `from_blobs` meanwhile: copy again), tampered, those of any of them and of `go_on`, which is
// asked with each piece.
Result<void> copy_blobs(BlobStore& from_blobs, Store& to, BlobStore& to_blobs,
                        CheckBlobs which = CheckBlobs::all, const GoOn& go_on = {});

// Takes the turn of a copy that has begun, or keeps it. Errors: unavailable (another process has
// it), conflict (there is no copy under way), tampered (`to` has another id).
Result<void> claim_copy(Store& to, const CopyClaim& claim);
// Whether it failed for nothing else than that another process has the turn.
bool says_another_copies(const Error& error);

// `to` is a store like any other from here on, and not one that has moved. `also` is part of the
// same transaction. Errors: conflict (another process has taken the copy over, or finished it),
// those of `also`.
Result<void> finish_copy(Store& to, const CopyClaim& claim = {},
                         const std::function<Result<void>(Tx&)>& also = {});

// The accounts of a store's tables as they are.
Result<std::vector<TableReport>> account_for_tables(Store& store,
                                                    const std::vector<Migration>& migrations);

Result<bool> is_unfinished_copy(Store& store);
// What the copy under way in `store` is for (CopyClaim::of). Nothing: there is none.
Result<std::optional<std::string>> copy_under_way(Store& store);
// The id of the copy under way in `store`. Nothing: there is none, or it has no id.
Result<std::optional<std::string>> copy_target(Store& store);

}  // namespace writ::store
