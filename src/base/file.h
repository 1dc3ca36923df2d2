#pragma once
// Whole files, safely: bounded reads, durable atomic replacement, directories with a mode.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

// Errors: not_found, invalid_input (no regular file, larger than max_bytes), storage_failed.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

// The files below a directory, by relative paths that no link leads out of. Opens in one step what
// `join_inside` finds in many, and nothing can be put in between. Thread-safe.
class FilesBelow {
 public:
  explicit FilesBelow(std::filesystem::path root);
  FilesBelow(const FilesBelow&) = delete;
  FilesBelow& operator=(const FilesBelow&) = delete;
  ~FilesBelow();

  // Errors: those of join_inside and of read_file.
  Result<std::string> read(std::string_view relative, std::size_t max_bytes) const;

 private:
  std::filesystem::path root_;
  int directory_;  // -1: it cannot be opened, which each read finds for itself
};

// Temporary file in the same directory, fsync, rename, fsync of the directory. Readers see the
// old bytes or the new ones. Errors: storage_failed naming path and cause; the old file stays.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes,
                          unsigned mode = 0644);

// A file or link gets the name `to`, in place of what has it, for good. Both are on one file
// system. Errors: storage_failed naming `to` and cause.
Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Creates missing parents too; tightens nothing that exists. Errors: storage_failed.
Result<void> make_directory(const std::filesystem::path& path, unsigned mode = 0755);

}  // namespace writ
