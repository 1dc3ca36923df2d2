#pragma once
// A blob on its way into the directory: temporary file, sync, rename, sync of the folder. Where an
// equal one is already there, that is kept.
#include <filesystem>
#include <memory>
#include <string>
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
  // Both are borrowed.
  DirectoryBlobWriter(BlobLayout& layout, const Clock& clock) : layout_(layout), clock_(clock) {}
  ~DirectoryBlobWriter() override;

  Result<void> write(std::string_view bytes) override;
  Result<BlobRef> finish() override;

 private:
  Result<void> take(std::string_view bytes);
  Result<void> begin_file();
  Result<bool> make_young(const BlobRef& ref) const;
  Result<void> publish(const crypto::Digest& digest);

  BlobLayout& layout_;
  const Clock& clock_;
  std::string held_;            // as long as there is no file
  std::filesystem::path path_;  // of the temporary file; empty: there is none
  File file_;
  std::unique_ptr<BlobEncoder> encoder_;  // of the file
  crypto::Sha256 digest_;
  std::uint64_t size_ = 0;
  bool is_broken_ = false;  // a write failed, or finish was called
};

}  // namespace writ::store
