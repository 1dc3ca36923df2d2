#pragma once
// The blobs of all runs: each is there and whole, and counted as often as records, submissions
// and attestations refer to it. A count that is too low would let a blob be collected that
// evidence still needs.
#include "base/result.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::execution {

// Errors: tampered, naming the blob.
Result<void> verify_blobs(store::Store& store, store::BlobStore& blobs);

}  // namespace writ::execution
