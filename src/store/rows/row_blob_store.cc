#include "store/rows/row_blob_store.h"

#include <string>
#include <utility>

#include "base/random.h"
#include "store/blob_references.h"
#include "store/key.h"
#include "store/rows/blob_rows.h"
#include "store/rows/row_blob_writer.h"

namespace writ::store {
namespace {

using Sink = std::function<Result<void>(std::string_view)>;

constexpr std::size_t kPage = 256;

std::unexpected<Error> no_such_blob(const crypto::Digest& digest) {
  return fail(Code::not_found, "there is no blob " + digest.hex());
}

class RowBlobStore final : public BlobStore {
 public:
  RowBlobStore(Store& store, Random& random, RowBlobOptions options)
      : store_(store), random_(random), options_(options) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    Uuid upload;
    random_.fill(upload.bytes);
    return std::make_unique<RowBlobWriter>(store_, upload);
  }
  Result<std::string> read(const crypto::Digest& digest, std::uint64_t max_bytes) override;
  Result<void> stream(const crypto::Digest& digest, const Sink& sink) override;
  Result<bool> contains(const crypto::Digest& digest) override;
  Result<void> add_reference(Tx& tx, const BlobRef& ref) override;
  Result<void> drop_reference(Tx& tx, const BlobRef& ref) override;
  Result<std::uint64_t> collect_garbage(Store& store) override;

 private:
  Result<BlobRow> row_of(const crypto::Digest& digest);
  Result<bool> is_old(Tx& tx, WallTime used) const;
  Result<std::uint64_t> collect_blob(Store& store, const crypto::Digest& digest) const;
  Result<void> collect_upload(Store& store, const std::string& key) const;

  Store& store_;
  Random& random_;
  const RowBlobOptions options_;
};

Result<BlobRow> RowBlobStore::row_of(const crypto::Digest& digest) {
  WRIT_TRY(const auto row, store_.read([&](Tx& tx) { return find_blob(tx, digest); }));
  if (!row) return no_such_blob(digest);
  return *row;
}

Result<bool> RowBlobStore::contains(const crypto::Digest& digest) {
  WRIT_TRY(const auto row, store_.read([&](Tx& tx) { return find_blob(tx, digest); }));
  return row.has_value();
}

Result<std::string> RowBlobStore::read(const crypto::Digest& digest, std::uint64_t max_bytes) {
  WRIT_TRY(const BlobRow row, row_of(digest));
  if (row.size > max_bytes) {
    return fail(Code::invalid_input, "the blob " + digest.hex() + " has " +
                                         std::to_string(row.size) + " bytes, more than " +
                                         std::to_string(max_bytes));
  }
  std::string out;
  WRIT_CHECK(stream(digest, [&](std::string_view piece) -> Result<void> {
    out += piece;
    return {};
  }));
  return out;
}

// A read for each piece, so that nothing is held while the sink works. What is there does not
// change; what is collected meanwhile is gone.
Result<void> RowBlobStore::stream(const crypto::Digest& digest, const Sink& sink) {
  WRIT_TRY(const BlobRow row, row_of(digest));
  crypto::Sha256 found;
  std::uint64_t size = 0;
  for (std::uint64_t number = 0; number < row.pieces(); ++number) {
    const std::string key = Key().uuid(row.upload).number(number).bytes();
    WRIT_TRY(const auto piece, store_.read([&](Tx& tx) { return tx.get(kBlobPieces, key); }));
    if (!piece) {
      WRIT_CHECK(row_of(digest));
      return fail(Code::tampered, "the blob " + digest.hex() + " lacks a piece");
    }
    found.update(*piece);
    size += piece->size();
    if (size <= row.size) WRIT_CHECK(sink(*piece));
  }
  if (size == row.size && found.finish() == digest) return {};
  return fail(Code::tampered, "the blob " + digest.hex() + " does not have the bytes of its name");
}

// The row is written, so that a collector that has looked at it meets this transaction.
Result<void> RowBlobStore::add_reference(Tx& tx, const BlobRef& ref) {
  WRIT_TRY(const std::uint64_t before, count_up(tx, ref));
  if (before != 0) return {};
  WRIT_TRY(auto row, find_blob(tx, ref.digest));
  if (!row) return no_such_blob(ref.digest);
  WRIT_TRY(row->used, tx.now());
  return store_blob(tx, ref.digest, *row);
}

Result<void> RowBlobStore::drop_reference(Tx& tx, const BlobRef& ref) {
  WRIT_CHECK(count_down(tx, ref));
  return {};
}

Result<bool> RowBlobStore::is_old(Tx& tx, WallTime used) const {
  WRIT_TRY(const WallTime now, tx.now());
  return now.micros - used.micros >= std::chrono::microseconds(options_.grace).count();
}

Result<std::uint64_t> RowBlobStore::collect_blob(Store& store, const crypto::Digest& digest) const {
  return store.write([&](Tx& tx) -> Result<std::uint64_t> {
    WRIT_TRY(const auto row, find_blob(tx, digest));
    if (!row) return 0;
    WRIT_TRY(const bool is_free, is_old(tx, row->used));
    WRIT_TRY(const bool is_used, is_referenced(tx, digest));
    if (!is_free || is_used) return 0;
    WRIT_CHECK(tx.erase(kBlobIndex, digest.view()));
    WRIT_CHECK(erase_pieces(tx, row->upload));
    return row->size;
  });
}

Result<void> RowBlobStore::collect_upload(Store& store, const std::string& key) const {
  return store.write([&](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto row, tx.get(kBlobUploads, key));
    if (!row) return {};
    WRIT_TRY(const WallTime used, parse_upload(*row));
    WRIT_TRY(const bool is_litter, is_old(tx, used));
    if (!is_litter) return {};
    WRIT_TRY(const Uuid upload, KeyReader(key).uuid());
    WRIT_CHECK(erase_pieces(tx, upload));
    WRIT_CHECK(tx.erase(kBlobUploads, key));
    return {};
  });
}

// Calls `visit` with the key of each row, outside of any transaction.
Result<void> for_each_key(Store& store, const Table& table,
                          const std::function<Result<void>(const std::string&)>& visit) {
  KeyRange rest;
  for (;;) {
    WRIT_TRY(const auto rows, store.read([&](Tx& tx) { return tx.scan(table, rest, kPage); }));
    for (const Row& row : rows) WRIT_CHECK(visit(row.key));
    if (rows.size() < kPage) return {};
    rest.first = rows.back().key + '\0';
  }
}

Result<std::uint64_t> RowBlobStore::collect_garbage(Store& store) {
  WRIT_CHECK(for_each_key(store, kBlobUploads,
                          [&](const std::string& key) { return collect_upload(store, key); }));
  std::uint64_t freed = 0;
  WRIT_CHECK(for_each_key(store, kBlobIndex, [&](const std::string& key) -> Result<void> {
    WRIT_TRY(const crypto::Digest digest, crypto::Digest::from_bytes(key));
    WRIT_TRY(const std::uint64_t bytes, collect_blob(store, digest));
    freed += bytes;
    return {};
  }));
  return freed;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_row_blob_store(Store& store, Random& random,
                                                       RowBlobOptions options) {
  WRIT_CHECK(store.migrate(row_blob_migrations(), DryRun::no));
  return std::make_unique<RowBlobStore>(store, random, options);
}

}  // namespace writ::store
