#pragma once
// The bytes of one blob in a file: one zstd frame, then a skippable frame that holds the SHA-256
// of the first. `zstd -d` reads it as it is. The blob's digest alone would not notice a changed
// byte that leaves the decompressed bytes as they are; with the second one every byte counts.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/directory/posix_file.h"

namespace writ::store {

// Compresses into a file that is already open. One thread at a time.
class BlobEncoder {
 public:
  BlobEncoder();
  ~BlobEncoder();
  BlobEncoder(const BlobEncoder&) = delete;
  BlobEncoder& operator=(const BlobEncoder&) = delete;

  // Errors: storage_failed.
  Result<void> write(std::string_view bytes, const File& file, const std::filesystem::path& path);
  // Ends frame and file; nothing is synced.
  Result<void> finish(const File& file, const std::filesystem::path& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Decompresses `file` into `sink`, piece by piece, and checks both digests.
// Errors: tampered (anything but the file that BlobEncoder wrote for `digest`), invalid_input
// (more than `max_bytes`), storage_failed, those of `sink`.
Result<void> decode_blob(const File& file, const std::filesystem::path& path,
                         const crypto::Digest& digest, std::uint64_t max_bytes,
                         const std::function<Result<void>(std::string_view)>& sink);

}  // namespace writ::store
