#pragma once
// Rows of a table as sealed pieces in files, and back. A piece opens only in its backup, as that
// piece of that table; files are read whole, so their size is bounded. Private to recovery.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "identity/recovery/manifest.h"
#include "store/store.h"

namespace writ::identity {

// One table; one thread.
class RowWriter {
 public:
  // `directory` is there. Borrowed: `kek`.
  RowWriter(std::filesystem::path directory, const crypto::KeyEncryptionKey& kek, BackupId backup,
            std::string table);
  // Errors: those of sealing and of the file system.
  Result<void> add(const store::Row& row);
  Result<BackupTable> finish();

 private:
  void put(std::string_view part);
  Result<void> seal_pieces(std::size_t keep);
  Result<void> close_file();

  const std::filesystem::path directory_;
  const crypto::KeyEncryptionKey& kek_;
  const std::string record_;
  BackupTable table_;
  crypto::Sha256 sha_;
  std::string plain_;  // not sealed yet
  std::string lines_;  // of the file that is being filled
  std::uint64_t piece_ = 0;
  std::uint64_t pieces_in_file_ = 0;
};

// Calls `take` with each row, in order. Errors: tampered (a file, piece, count or digest is not
// what the manifest says), not_found (no KEK of the id), those of `take`.
Result<void> read_rows(const std::filesystem::path& directory,
                       std::span<const crypto::KeyEncryptionKey> keks, BackupId backup,
                       const BackupTable& table,
                       const std::function<Result<void>(store::Row)>& take);

}  // namespace writ::identity
