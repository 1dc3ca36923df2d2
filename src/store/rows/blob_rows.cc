#include "store/rows/blob_rows.h"

#include "store/key.h"

namespace writ::store {

std::vector<Migration> row_blob_migrations() {
  Migration first;
  first.module = "blob_rows";
  first.version = 1;
  first.summary = "blobs as rows";
  first.creates = {kBlobUploads, kBlobPieces, kBlobIndex};
  return {first};
}

Result<BlobRow> parse_blob_row(std::string_view bytes) {
  KeyReader reader(bytes);
  BlobRow row;
  WRIT_TRY(row.upload, reader.uuid());
  WRIT_TRY(row.size, reader.number());
  WRIT_TRY(const std::uint64_t micros, reader.number());
  row.used.micros = static_cast<std::int64_t>(micros);
  return row;
}

Result<std::optional<BlobRow>> find_blob(Tx& tx, const crypto::Digest& digest) {
  WRIT_TRY(const auto bytes, tx.get(kBlobIndex, digest.view()));
  if (!bytes) return std::nullopt;
  WRIT_TRY(const BlobRow row, parse_blob_row(*bytes));
  return row;
}

Result<void> store_blob(Tx& tx, const crypto::Digest& digest, const BlobRow& row) {
  Key value;
  value.uuid(row.upload).number(row.size).number(static_cast<std::uint64_t>(row.used.micros));
  return tx.put(kBlobIndex, digest.view(), value.bytes());
}

Result<WallTime> parse_upload(std::string_view bytes) {
  WRIT_TRY(const std::uint64_t micros, KeyReader(bytes).number());
  return WallTime{static_cast<std::int64_t>(micros)};
}

Result<void> store_upload(Tx& tx, const Uuid& upload, WallTime used) {
  return tx.put(kBlobUploads, Key().uuid(upload).bytes(),
                Key().number(static_cast<std::uint64_t>(used.micros)).bytes());
}

// Piece by piece: the rows of a large blob are not read again to be erased.
Result<void> erase_pieces(Tx& tx, const Uuid& upload) {
  for (std::uint64_t number = 0;; ++number) {
    WRIT_TRY(const bool was_there,
             tx.erase(kBlobPieces, Key().uuid(upload).number(number).bytes()));
    if (!was_there) return {};
  }
}

}  // namespace writ::store
