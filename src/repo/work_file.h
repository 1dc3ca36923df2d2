#pragma once
// One path of the working tree as git would store it: what it is, its mode, the id of its blob.
// Private to repo.
#include <filesystem>
#include <string>

#include "repo/git.h"

namespace writ::repo {

struct WorkFile {
  enum class Kind : std::uint8_t {
    none,   // nothing is there
    file,   // a regular file or a link
    other,  // a directory, a repository inside, a device
  } kind = Kind::none;
  bool is_directory = false;
  std::uint32_t mode = 0;
  git_oid id{};

  bool operator==(const WorkFile& other) const {
    return kind == other.kind && mode == other.mode && git_oid_equal(&id, &other.id) != 0;
  }
};

enum class Store : std::uint8_t { no, yes };

// `path` is below `root`, the working tree of `repository`; filters apply as for `git add`.
// `store`: whether the blob goes into the repository. Errors: storage_failed.
Result<WorkFile> work_file(git_repository* repository, const std::filesystem::path& root,
                           const std::string& path, Store store);

}  // namespace writ::repo
