#pragma once
// The workspace of a real run: a git repository. `outputs` are the plan's globs of what steps
// produce (protocol::Scope). Owns nothing but a mutex around the borrowed repository.
#include <mutex>
#include <string>
#include <vector>

#include "execution/workspace.h"
#include "repo/repo.h"

namespace writ::execution {

class RepoWorkspace final : public Workspace {
 public:
  // `repo` is borrowed and used by nobody else meanwhile.
  RepoWorkspace(const repo::Repo& repo, std::vector<std::string> outputs)
      : repo_(repo), outputs_(std::move(outputs)) {}

  const std::filesystem::path& root() const override { return repo_.root(); }
  Result<Tree> tree() override;
  Result<std::vector<repo::Change>> changes_since(std::string_view base) override;
  Result<std::string> read_at(std::string_view base, std::string_view path) override;

 private:
  const repo::Repo& repo_;
  std::vector<std::string> outputs_;
  std::mutex mutex_;  // guards repo_: libgit2 objects are not shared between threads
};

}  // namespace writ::execution
