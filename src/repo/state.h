#pragma once
// What a Repo owns, and the steps that its public functions share.
#include <map>

#include "repo/file_cache.h"
#include "repo/git.h"
#include "repo/repo.h"
#include "repo/scan.h"

namespace writ::repo {

// A repository inside a repository inside … deeper than this is an error, not a stack overflow.
constexpr int kNestingLimit = 8;

struct Repo::State {
  RepositoryHandle repository;
  std::filesystem::path root;
  FileCache cache;
  int depth = 0;
  std::string prefix;  // where this repository is inside the outermost one: "sub/"; else empty
  std::map<std::string, Repo> inside;  // submodules and the like, by path

  State(RepositoryHandle handle, std::filesystem::path where)
      : repository(std::move(handle)), root(where), cache(std::move(where)) {}

  // `base` is what counts as tracked besides the index; sorted by bytes.
  Result<std::vector<ScannedFile>> scan_files(std::span<const std::string> outputs,
                                              std::vector<std::string_view> base = {});
  // Calls `attempt` again where the tree changed under it.
  template <typename Attempt>
  auto steadily(const Attempt& attempt) -> decltype(attempt());

  Result<Repo*> repository_at(const std::string& path);
  Result<crypto::Digest> digest_of(const ScannedFile& file, std::span<const std::string> outputs);
  // The id of HEAD, or "unborn".
  Result<std::string> head() const;
  Result<CommitHandle> commit(const CommitId& id) const;
};

// What a tree digest is computed over, one file after the other.
class TreeLines {
 public:
  void add(const TreeFile& file);
  // Where a repository inside is digested: its HEAD goes before its files.
  void add_head(std::string_view head);
  TreeDigest finish();

 private:
  crypto::Sha256 hash_;
  std::size_t files_ = 0;
};

template <typename Attempt>
auto Repo::State::steadily(const Attempt& attempt) -> decltype(attempt()) {
  constexpr int kAttempts = 3;
  for (int i = 1; i < kAttempts; ++i) {
    auto result = attempt();
    if (result || result.error().code != Code::unavailable) return result;
  }
  return attempt();
}

}  // namespace writ::repo
