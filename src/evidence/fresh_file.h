#pragma once
// The freshness rule for report files (LAW-31): what a step declares as its report must have been
// written by that step. Take a snapshot of the declared paths before the step, ask after it.
//
//   WRIT_TRY(const FileSnapshot before, snapshot_files(root, {"build/junit.xml"}, clock.wall()));
//   … the step runs …
//   WRIT_TRY(const Freshness f, check_fresh(before, root, "build/junit.xml"));
//
// A file is evidence when it is a regular file inside the root, was modified no earlier than the
// step began, and is not the file of the snapshot (same inode, modification time and content).
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace writ::evidence {

struct FileStamp {
  bool exists = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  // since the epoch
  std::uint64_t size = 0;
  crypto::Digest digest;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct FileSnapshot {
  WallTime begun;                                       // the step's start
  std::map<std::string, FileStamp, std::less<>> files;  // by path relative to the root
};

// Declared files are read whole: at most 256 MiB each.
// Errors: invalid_input (a path out of the root, too large, no regular file), storage_failed.
Result<FileSnapshot> snapshot_files(const std::filesystem::path& root,
                                    std::span<const std::string> paths, WallTime begun);

struct Freshness {
  bool is_fresh = false;
  std::string
      reason;  // why not: "build/junit.xml was there before the step, which left it as it was"
  FileStamp now;
};

// Requires: `path` is one of the snapshot's. Errors: as above.
Result<Freshness> check_fresh(const FileSnapshot& before, const std::filesystem::path& root,
                              std::string_view path);

}  // namespace writ::evidence
