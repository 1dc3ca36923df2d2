#pragma once
// How often committed state refers to each blob: a table of the store, the same for every kind
// of BlobStore. A blob without a row is unreferenced.
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::store {

// Key: the 32 bytes of the digest.
inline constexpr Table kBlobReferences{"blob_references"};
// The blob that a row of that table is about. Errors: tampered.
Result<BlobRef> referenced_by(const Row& row);

// The count before the change. Errors: tampered (the count's row, or a blob whose size differs
// from what was recorded).
Result<std::uint64_t> count_up(Tx& tx, const BlobRef& ref);
// The count after the change. Errors: not_found, tampered.
Result<std::uint64_t> count_down(Tx& tx, const BlobRef& ref);

// Every referenced blob and how often committed state refers to it. Errors: tampered.
struct CountedBlob {
  BlobRef blob;
  std::uint64_t count = 0;
};
Result<std::vector<CountedBlob>> counted_blobs(Tx& tx);

Result<bool> is_referenced(Tx& tx, const crypto::Digest& digest);

// Calls `visit` for each referenced blob in the order of digests, outside of any transaction.
Result<void> for_each_referenced(Store& store,
                                 const std::function<Result<void>(const BlobRef&)>& visit);

}  // namespace writ::store
