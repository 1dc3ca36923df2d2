#include "store/rows/row_blob_writer.h"

#include <utility>

#include "store/key.h"

namespace writ::store {
namespace {

// Errors: storage_failed (a collector took the upload for litter).
Result<void> expect_upload(Tx& tx, const Uuid& upload) {
  WRIT_TRY(const auto row, tx.get(kBlobUploads, Key().uuid(upload).bytes()));
  if (row) return {};
  return fail(Code::storage_failed, "a blob was not written to for so long that it was removed",
              "Write it again");
}

}  // namespace

RowBlobWriter::~RowBlobWriter() {
  if (!has_rows_) return;
  // What cannot be removed now is litter that the collector takes.
  static_cast<void>(store_.write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(erase_pieces(tx, upload_));
    WRIT_CHECK(tx.erase(kBlobUploads, Key().uuid(upload_).bytes()));
    return {};
  }));
}

Result<void> RowBlobWriter::put_piece(std::string_view piece) {
  WRIT_CHECK(store_.write([&](Tx& tx) -> Result<void> {
    if (pieces_ != 0) WRIT_CHECK(expect_upload(tx, upload_));
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_CHECK(store_upload(tx, upload_, now));
    return tx.put(kBlobPieces, Key().uuid(upload_).number(pieces_).bytes(), piece);
  }));
  has_rows_ = true;
  ++pieces_;
  return {};
}

Result<void> RowBlobWriter::write(std::string_view bytes) {
  if (is_over_) return fail(Code::internal, "a blob is written to after it failed or ended");
  is_over_ = true;
  digest_.update(bytes);
  size_ += bytes.size();
  while (rest_.size() + bytes.size() >= kPieceBytes) {
    const std::size_t missing = kPieceBytes - rest_.size();
    rest_ += bytes.substr(0, missing);
    bytes.remove_prefix(missing);
    WRIT_CHECK(put_piece(rest_));
    rest_.clear();
  }
  rest_ += bytes;
  whole_ = size_;
  is_over_ = false;
  return {};
}

// A piece that could not be put is in `rest_`, and perhaps there as well.
Result<void> RowBlobWriter::read_back(const BlobSink& sink) {
  std::uint64_t left = whole_;
  const auto give = [&](std::string_view piece) -> Result<void> {
    piece = piece.substr(0, left);
    left -= piece.size();
    return piece.empty() ? Result<void>{} : sink(piece);
  };
  for (std::uint64_t number = 0; number < pieces_ && left > 0; ++number) {
    const std::string key = Key().uuid(upload_).number(number).bytes();
    WRIT_TRY(const auto piece, store_.read([&](Tx& tx) { return tx.get(kBlobPieces, key); }));
    if (!piece) return fail(Code::storage_failed, "a blob that is written lacks a piece");
    WRIT_CHECK(give(*piece));
  }
  return give(rest_);
}

Result<BlobRef> RowBlobWriter::finish() {
  if (std::exchange(is_over_, true)) {
    return fail(Code::internal, "a blob is finished after it failed or ended");
  }
  const BlobRef ref{digest_.finish(), size_};
  WRIT_CHECK(publish(ref));
  return ref;
}

// The last piece goes with the row that makes the blob: a small one is one transaction.
Result<void> RowBlobWriter::publish(const BlobRef& ref) {
  WRIT_TRY(const bool is_mine, store_.write([&](Tx& tx) -> Result<bool> {
    if (pieces_ != 0) WRIT_CHECK(expect_upload(tx, upload_));
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(auto there, find_blob(tx, ref.digest));
    if (there) {
      // Somebody is about to refer to it: its age tells collectors so.
      there->used = now;
      WRIT_CHECK(store_blob(tx, ref.digest, *there));
      return false;
    }
    if (!rest_.empty()) {
      WRIT_CHECK(tx.put(kBlobPieces, Key().uuid(upload_).number(pieces_).bytes(), rest_));
    }
    if (pieces_ != 0) WRIT_CHECK(tx.erase(kBlobUploads, Key().uuid(upload_).bytes()));
    WRIT_CHECK(store_blob(tx, ref.digest, {upload_, ref.size, now}));
    return true;
  }));
  if (is_mine) has_rows_ = false;
  return {};
}

}  // namespace writ::store
