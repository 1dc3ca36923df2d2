#pragma once
// The rows that blobs are made of:
//   blob_uploads  upload                -> when it was last written to
//   blob_pieces   upload, number from 0 -> bytes, a megabyte each but for the last
//   blob_index    digest                -> which upload holds it, its size, when it was last used
// An upload is in blob_uploads until its blob is in blob_index.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "crypto/digest.h"
#include "store/store.h"

namespace writ::store {

inline constexpr Table kBlobUploads{"blob_uploads"};
inline constexpr Table kBlobPieces{"blob_pieces"};
inline constexpr Table kBlobIndex{"blob_index"};

inline constexpr std::size_t kPieceBytes = 1u << 20;

std::vector<Migration> row_blob_migrations();

struct BlobRow {
  Uuid upload;
  std::uint64_t size = 0;
  WallTime used;

  std::uint64_t pieces() const { return (size + kPieceBytes - 1) / kPieceBytes; }
};

// Errors: tampered.
Result<BlobRow> parse_blob_row(std::string_view bytes);
Result<std::optional<BlobRow>> find_blob(Tx& tx, const crypto::Digest& digest);
Result<void> store_blob(Tx& tx, const crypto::Digest& digest, const BlobRow& row);

// Errors: tampered.
Result<WallTime> parse_upload(std::string_view bytes);
Result<void> store_upload(Tx& tx, const Uuid& upload, WallTime used);
Result<void> erase_pieces(Tx& tx, const Uuid& upload);

}  // namespace writ::store
