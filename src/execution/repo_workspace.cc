#include "execution/repo_workspace.h"

namespace writ::execution {

Result<Tree> RepoWorkspace::tree() {
  const std::lock_guard lock(mutex_);
  WRIT_TRY(auto files, repo_.tree_files(outputs_));
  Tree tree;
  tree.files = std::make_shared<const std::vector<repo::TreeFile>>(std::move(files));
  tree.digest = digest_of(tree, {"**"});
  return tree;
}

Result<std::vector<repo::Change>> RepoWorkspace::changes_since(std::string_view base) {
  const std::lock_guard lock(mutex_);
  return repo_.changes_since(repo::CommitId{std::string(base)}, outputs_);
}

Result<std::string> RepoWorkspace::read_at(std::string_view base, std::string_view path) {
  const std::lock_guard lock(mutex_);
  return repo_.read_at(repo::CommitId{std::string(base)}, path);
}

}  // namespace writ::execution
