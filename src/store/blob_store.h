#pragma once
// Content-addressed bytes too large for a row: outputs, reports, artifacts. A port: files
// (directory/directory_blob_store.h) or rows of the store (rows/row_blob_store.h). Bytes are made
// durable first, then referenced inside the transaction that needs them; what no transaction
// references is garbage and may be collected.
//
// Thread-safe; several processes may share one directory or database.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/store.h"

namespace writ::store {

struct BlobRef {
  crypto::Digest digest;   // SHA-256 of the uncompressed bytes
  std::uint64_t size = 0;  // uncompressed
  friend auto operator<=>(const BlobRef&, const BlobRef&) = default;
};

using BlobSink = std::function<Result<void>(std::string_view)>;
// Asked now and then by what takes long; its error ends that.
using GoOn = std::function<Result<void>()>;

// A blob being written piece by piece. One thread at a time; dropped without finish() it leaves
// nothing behind.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  // Durable from here on. Writing the same bytes twice stores them once.
  virtual Result<BlobRef> finish() = 0;
  // What has been written so far, without what a call brought that failed: for going on elsewhere.
  // Errors: unsupported (of a place whose blobs do not move), those of `sink`.
  virtual Result<void> read_back(const BlobSink& sink);
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
  Result<BlobRef> put(std::string_view bytes);

  // The whole blob, its digest checked. Errors: not_found, tampered, invalid_input (larger than
  // `max_bytes`), storage_failed.
  virtual Result<std::string> read(const crypto::Digest& digest, std::uint64_t max_bytes) = 0;
  // In pieces; the digest is checked at the end. Errors: as above, and those of `sink`.
  virtual Result<void> stream(const crypto::Digest& digest,
                              const std::function<Result<void>(std::string_view)>& sink) = 0;
  virtual Result<bool> contains(const crypto::Digest& digest) = 0;

  // Reference counts live in the store (blob_migrations) and change with its transactions.
  // The first reference makes sure that the blob is there and young enough to outlive the
  // transaction. Errors: not_found (no such blob: put it again), storage_failed.
  virtual Result<void> add_reference(Tx& tx, const BlobRef& ref) = 0;
  // Errors: not_found (nothing references it).
  virtual Result<void> drop_reference(Tx& tx, const BlobRef& ref) = 0;
  // Removes blobs that no committed transaction references and that nobody has written or begun
  // to reference for an hour. Returns the bytes freed.
  virtual Result<std::uint64_t> collect_garbage(Store& store) = 0;
  // Reads every referenced blob. Errors: tampered naming the first broken or missing one; those of
  // `go_on`.
  Result<void> check(Store& store, const GoOn& go_on = {});
};

// The table of reference counts; for Store::migrate.
std::vector<Migration> blob_migrations();

}  // namespace writ::store
