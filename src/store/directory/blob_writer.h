#pragma once
// A blob on its way into the directory: temporary file, sync, rename, sync of the folder.
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "store/blob_store.h"
#include "store/directory/blob_file.h"
#include "store/directory/blob_layout.h"

namespace writ::store {

class DirectoryBlobWriter final : public BlobWriter {
 public:
  // `layout` and `clock` are borrowed.
  static Result<std::unique_ptr<BlobWriter>> create(BlobLayout& layout, const Clock& clock);
  ~DirectoryBlobWriter() override;

  Result<void> write(std::string_view bytes) override;
  Result<BlobRef> finish() override;

 private:
  DirectoryBlobWriter(BlobLayout& layout, const Clock& clock) : layout_(layout), clock_(clock) {}
  Result<void> publish(const crypto::Digest& digest);

  BlobLayout& layout_;
  const Clock& clock_;
  std::filesystem::path path_;  // of the temporary file; empty: gone
  File file_;
  BlobEncoder encoder_;
  crypto::Sha256 digest_;
  std::uint64_t size_ = 0;
  bool is_broken_ = false;  // a write failed, or finish was called
};

}  // namespace writ::store
