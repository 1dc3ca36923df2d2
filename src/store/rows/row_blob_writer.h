#pragma once
// A blob on its way into rows: pieces under the upload's id, in a transaction each.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "crypto/digest.h"
#include "store/blob_store.h"
#include "store/rows/blob_rows.h"

namespace writ::store {

class RowBlobWriter final : public BlobWriter {
 public:
  RowBlobWriter(Store& store, const Uuid& upload) : store_(store), upload_(upload) {}
  ~RowBlobWriter() override;

  Result<void> write(std::string_view bytes) override;
  Result<BlobRef> finish() override;
  Result<void> read_back(const BlobSink& sink) override;

 private:
  Result<void> put_piece(std::string_view piece);
  Result<void> publish(const BlobRef& ref);

  Store& store_;
  const Uuid upload_;
  std::string rest_;  // less than a piece
  crypto::Sha256 digest_;
  std::uint64_t size_ = 0;
  std::uint64_t whole_ = 0;  // bytes of the calls that did not fail
  std::uint64_t pieces_ = 0;
  bool has_rows_ = false;
  bool is_over_ = false;  // finished or failed
};

}  // namespace writ::store
