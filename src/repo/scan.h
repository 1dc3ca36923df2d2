#pragma once
// Walks the working tree and finds the files that count: one lstat each, nothing read.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "repo/file_stat.h"
#include "repo/git.h"
#include "repo/tracked_paths.h"

namespace writ::repo {

constexpr std::uint32_t kRegularMode = 0100644;
constexpr std::uint32_t kExecutableMode = 0100755;
constexpr std::uint32_t kLinkMode = 0120000;
constexpr std::uint32_t kRepositoryMode = 0160000;  // a submodule, or any repository inside

struct ScannedFile {
  std::string path;
  std::uint32_t mode = 0;
  FileStat stat;
};

struct ScanRequest {
  git_repository* repository = nullptr;
  const std::filesystem::path& root;
  const TrackedPaths& tracked;
  // Untracked files that match one of these do not count. Matched against prefix + path.
  std::span<const std::string> outputs;
  const std::string& prefix;  // of a repository inside another: "sub/"; else empty
};

// Whether any component of `path` is Writ's own directory or git's.
bool is_private(std::string_view path);

// Sorted by path (bytes). Errors: unavailable (a directory or ignore file that cannot be read).
Result<std::vector<ScannedFile>> scan(const ScanRequest& request);

}  // namespace writ::repo
