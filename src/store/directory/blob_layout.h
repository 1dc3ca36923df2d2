#pragma once
// Where things stand in a blob directory.
#include <array>
#include <atomic>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/directory/posix_file.h"

namespace writ::store {

class BlobLayout {
 public:
  explicit BlobLayout(std::filesystem::path root) : root_(std::move(root)) {}

  // Makes the directories that must be there.
  Result<void> create();

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path temporary() const { return root_ / "tmp"; }
  std::filesystem::path folder_of(const crypto::Digest& digest) const;
  std::filesystem::path path_of(const crypto::Digest& digest) const;

  // Creates the folder and makes its name durable, once per process: another process may have
  // made it and not have come to syncing it.
  Result<void> ensure_folder(const crypto::Digest& digest);

  // Names appear under the shared lock and go under the exclusive one.
  Result<File> lock(LockKind kind) const { return lock_file(root_ / "lock", kind); }

 private:
  std::filesystem::path root_;
  std::array<std::atomic<bool>, 256> has_folder_{};
};

// The digest that a file is named by; not_found when it is not a blob's name.
Result<crypto::Digest> digest_of_name(const std::filesystem::path& path);

}  // namespace writ::store
