#pragma once
// Blobs as rows of the store itself, in pieces of a megabyte: for servers that share a database
// and no directory. Works over every adapter, because it asks of the store what everybody does.
//
// Pieces are written under an id of the upload; the blob is there once a row says which upload
// holds its bytes. What dies in between is litter, and collected when it is old.
#include <memory>

#include "base/result.h"
#include "store/blob_store.h"

namespace writ {
class Random;
}

namespace writ::store {

struct RowBlobOptions {
  // What nobody refers to is kept for this long after it was written or referred to.
  std::chrono::seconds grace{3'600};
};

// Makes its tables where they are missing. Borrows both, which must outlive it. `add_reference` and
// `drop_reference` take transactions of `store`. Errors: those of Store::migrate.
Result<std::unique_ptr<BlobStore>> open_row_blob_store(Store& store, Random& random,
                                                       RowBlobOptions options = {});

}  // namespace writ::store
