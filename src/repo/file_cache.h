#pragma once
// Digests of files, kept for as long as stat says that a file is the same.
//
// An entry is trusted only if the file had stood still for a moment when it was read: a change in
// the very tick of the reading would leave its times as they are ("racily clean" in git's words).
// ctime is compared too, and no command can set that back. One thread at a time.
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "crypto/digest.h"
#include "repo/git.h"
#include "repo/scan.h"

namespace writ::repo {

class FileCache {
 public:
  explicit FileCache(std::filesystem::path root) : root_(std::move(root)) {}

  // SHA-256 of a file's bytes, or of a link's target. Errors: unavailable (it changed or vanished
  // since it was scanned, or cannot be read).
  Result<crypto::Digest> digest(const ScannedFile& file);
  // Git's own id of it, after the filters that `git add` would apply. Errors: the same.
  // Requires: `use_filters` was called for this scan.
  Result<git_oid> blob_id(git_repository* repository, const ScannedFile& file);
  // Says what the filters depend on, as text; empty where none can apply. Ids that were computed
  // under another text are forgotten.
  void use_filters(std::string filters);
  // The bytes of a file, or a link's target. Never follows a link. Errors: the same.
  Result<std::string> read(const ScannedFile& file) const;

  // Drops what is not among `files`, once that is worth the while.
  void prune(const std::vector<ScannedFile>& files);

  // Files whose bytes were read so far, for tests and diagnosis.
  std::size_t files_read() const { return files_read_; }

 private:
  struct Entry {
    FileStat stat;
    std::int64_t read_at_ns = 0;
    std::optional<crypto::Digest> digest;
    std::optional<git_oid> blob_id;
  };
  // The entry of `file`, emptied where it cannot be trusted.
  Entry& entry_of(const ScannedFile& file);
  template <typename Take>
  Result<void> stream(const ScannedFile& file, const Take& take) const;

  std::filesystem::path root_;
  std::unordered_map<std::string, Entry> entries_;
  std::string filters_;
  mutable std::size_t files_read_ = 0;
};

}  // namespace writ::repo
