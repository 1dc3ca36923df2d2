#include "store/blob_references.h"

#include <optional>
#include <string>

#include "store/key.h"

namespace writ::store {
namespace {

// The value of a row.
struct Count {
  std::uint64_t count = 0;
  std::uint64_t size = 0;
};

Result<Count> parse_count(std::string_view bytes) {
  KeyReader reader(bytes);
  Count out;
  WRIT_TRY(out.count, reader.number());
  WRIT_TRY(out.size, reader.number());
  return out;
}

Result<std::optional<Count>> stored_count(Tx& tx, const BlobRef& ref) {
  WRIT_TRY(const auto row, tx.get(kBlobReferences, ref.digest.view()));
  if (!row) return std::nullopt;
  WRIT_TRY(const Count count, parse_count(*row));
  if (count.size != ref.size) {
    return fail(Code::tampered, "blob " + ref.digest.hex() + " is on record with " +
                                    std::to_string(count.size) + " bytes, not " +
                                    std::to_string(ref.size));
  }
  return count;
}

Result<void> store_count(Tx& tx, const BlobRef& ref, std::uint64_t count) {
  if (count != 0) {
    return tx.put(kBlobReferences, ref.digest.view(), Key().number(count).number(ref.size).bytes());
  }
  WRIT_CHECK(tx.erase(kBlobReferences, ref.digest.view()));
  return {};
}

}  // namespace

Result<BlobRef> referenced_by(const Row& row) {
  BlobRef out;
  WRIT_TRY(out.digest, crypto::Digest::from_bytes(row.key));
  WRIT_TRY(const Count count, parse_count(row.value));
  out.size = count.size;
  return out;
}

std::vector<Migration> blob_migrations() {
  Migration first;
  first.module = "blobs";
  first.version = 1;
  first.summary = "reference counts of blobs";
  first.creates = {kBlobReferences};
  return {first};
}

Result<std::uint64_t> count_up(Tx& tx, const BlobRef& ref) {
  WRIT_TRY(const auto old, stored_count(tx, ref));
  const std::uint64_t before = old ? old->count : 0;
  WRIT_CHECK(store_count(tx, ref, before + 1));
  return before;
}

Result<std::uint64_t> count_down(Tx& tx, const BlobRef& ref) {
  WRIT_TRY(const auto old, stored_count(tx, ref));
  if (!old) return fail(Code::not_found, "nothing references blob " + ref.digest.hex());
  WRIT_CHECK(store_count(tx, ref, old->count - 1));
  return old->count - 1;
}

Result<std::vector<CountedBlob>> counted_blobs(Tx& tx) {
  constexpr std::size_t kAtOnce = 512;
  std::vector<CountedBlob> out;
  KeyRange rest;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(kBlobReferences, rest, kAtOnce));
    for (const Row& row : rows) {
      CountedBlob blob;
      WRIT_TRY(blob.blob.digest, crypto::Digest::from_bytes(row.key));
      WRIT_TRY(const Count count, parse_count(row.value));
      blob.blob.size = count.size;
      blob.count = count.count;
      out.push_back(blob);
    }
    if (rows.size() < kAtOnce) return out;
    rest.first = rows.back().key + '\0';
  }
}

Result<bool> is_referenced(Tx& tx, const crypto::Digest& digest) {
  WRIT_TRY(const auto row, tx.get(kBlobReferences, digest.view()));
  return row.has_value();
}

Result<void> for_each_referenced(Store& store,
                                 const std::function<Result<void>(const BlobRef&)>& visit) {
  constexpr std::size_t kPage = 512;
  KeyRange rest;
  for (;;) {
    WRIT_TRY(const auto rows,
             store.read([&](Tx& tx) { return tx.scan(kBlobReferences, rest, kPage); }));
    for (const Row& row : rows) {
      WRIT_TRY(const BlobRef ref, referenced_by(row));
      WRIT_CHECK(visit(ref));
    }
    if (rows.size() < kPage) return {};
    rest.first = rows.back().key + '\0';
  }
}

}  // namespace writ::store
