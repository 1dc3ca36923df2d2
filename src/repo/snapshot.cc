// The working tree as a commit of its own: the base revision's tree with the changes since put on
// it. Index, HEAD and branches of the user stay as they are.
#include "repo/state.h"
#include "repo/work_file.h"

namespace writ::repo {
namespace {

constexpr std::string_view kReferences = "refs/writ/";
constexpr const char* kMessage = "Working tree, as a packet begins with it\n";

Result<TreeHandle> tree_of(const CommitHandle& commit) {
  git_tree* raw = nullptr;
  const int result = git_commit_tree(&raw, commit.get());
  TreeHandle tree(raw);
  if (result != 0) return git_failure(result, "cannot read the tree of the base revision");
  return tree;
}

// Repositories inside keep the commit that the base names.
Result<TreeHandle> with_changes(git_repository* repository, const std::filesystem::path& root,
                                const TreeHandle& base, const std::vector<Change>& changes) {
  std::vector<git_tree_update> updates;
  for (const Change& change : changes) {
    git_tree_update update{};
    update.path = change.path.c_str();
    update.action = GIT_TREE_UPDATE_REMOVE;
    if (change.kind != ChangeKind::removed) {
      WRIT_TRY(const WorkFile file, work_file(repository, root, change.path, Store::yes));
      if (file.kind == WorkFile::Kind::other) continue;
      update.action = GIT_TREE_UPDATE_UPSERT;
      update.id = file.id;
      update.filemode = static_cast<git_filemode_t>(file.mode);
    }
    updates.push_back(update);
  }
  git_oid id{};
  int result = git_tree_create_updated(&id, repository, base.get(), updates.size(), updates.data());
  git_tree* raw = nullptr;
  if (result == 0) result = git_tree_lookup(&raw, repository, &id);
  TreeHandle tree(raw);
  if (result != 0) return git_failure(result, "cannot write the working tree down");
  return tree;
}

// Of the time of its parent: the same files give the same commit, however often it is made.
Result<git_oid> commit_of(git_repository* repository, const TreeHandle& tree,
                          const CommitHandle& parent) {
  git_signature* raw = nullptr;
  int result = git_signature_new(&raw, "writ", "writ@localhost", git_commit_time(parent.get()), 0);
  const SignatureHandle signature(raw);
  const git_commit* parents[] = {parent.get()};
  git_oid id{};
  if (result == 0) {
    result = git_commit_create(&id, repository, nullptr, signature.get(), signature.get(), "UTF-8",
                               kMessage, tree.get(), 1, parents);
  }
  if (result != 0) return git_failure(result, "cannot commit the working tree");
  return id;
}

}  // namespace

Result<CommitId> Repo::snapshot(const CommitId& base, std::span<const std::string> outputs,
                                std::string_view name) const {
  WRIT_TRY(const std::vector<Change> changes, changes_since(base, outputs));
  if (changes.empty()) return base;
  git_repository* repository = state_->repository.get();
  WRIT_TRY(const CommitHandle parent, state_->commit(base));
  WRIT_TRY(const TreeHandle before, tree_of(parent));
  WRIT_TRY(const TreeHandle tree, with_changes(repository, state_->root, before, changes));
  WRIT_TRY(const git_oid id, commit_of(repository, tree, parent));
  const std::string reference = std::string(kReferences) + std::string(name);
  git_reference* raw = nullptr;
  const int result =
      git_reference_create(&raw, repository, reference.c_str(), &id, 1, "writ: packet");
  const ReferenceHandle kept(raw);
  if (result != 0) return git_failure(result, "cannot keep " + reference);
  return CommitId{to_hex(id)};
}

}  // namespace writ::repo
