// Linked worktrees with a detached HEAD. libgit2 only makes worktrees of branches, so a branch is
// made for the purpose and removed again at once.
#include "base/file.h"
#include "crypto/digest.h"
#include "repo/state.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

// Git's name for the worktree; derived from the place, so that `remove_worktree` finds it.
std::string worktree_name(const fs::path& path) {
  return "writ-" + crypto::sha256(path.string()).hex().substr(0, 16);
}

Result<fs::path> real_place(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  const fs::path parent = fs::weakly_canonical(absolute.parent_path(), error);
  if (error) return fail(Code::storage_failed, "cannot reach " + path.string());
  return parent / absolute.filename();
}

Result<WorktreeHandle> make_worktree(git_repository* repository, git_reference* branch,
                                     const fs::path& place) {
  git_worktree_add_options options{};
  int result = git_worktree_add_options_init(&options, GIT_WORKTREE_ADD_OPTIONS_VERSION);
  options.ref = branch;
  git_worktree* raw = nullptr;
  if (result == 0) {
    result =
        git_worktree_add(&raw, repository, worktree_name(place).c_str(), place.c_str(), &options);
  }
  if (result != 0) return git_failure(result, "cannot make a worktree at " + place.string());
  return WorktreeHandle(raw);
}

Result<void> detach(const WorktreeHandle& worktree, const git_oid& commit) {
  git_repository* raw = nullptr;
  int result = git_repository_open_from_worktree(&raw, worktree.get());
  const RepositoryHandle linked(raw);
  if (result == 0) result = git_repository_set_head_detached(linked.get(), &commit);
  if (result != 0) return git_failure(result, "cannot detach the HEAD of a worktree");
  return {};
}

// What a fault left of making a worktree: git neither takes it for one nor makes another over it.
Result<void> forget_half_made(git_repository* repository, const fs::path& place) {
  std::error_code error;
  const fs::path notes = fs::path(git_repository_commondir(repository)) / "worktrees";
  const bool was_there = fs::remove_all(notes / worktree_name(place), error) > 0;
  if (error) return fail(Code::storage_failed, "cannot forget the worktree at " + place.string());
  if (was_there) return {};
  return fail(Code::not_found, place.string() + " is no worktree that Writ made here");
}

}  // namespace

Result<void> Repo::add_worktree(const CommitId& commit, const fs::path& path) const {
  WRIT_TRY(const CommitHandle handle, state_->commit(commit));
  WRIT_TRY(const fs::path place, real_place(path));
  std::error_code error;
  if (fs::exists(fs::symlink_status(place, error))) {
    return fail(Code::conflict, place.string() + " exists already",
                "Name a new directory, or remove this one first");
  }
  WRIT_CHECK(make_directory(place.parent_path()));
  git_reference* raw = nullptr;
  const int result = git_branch_create(&raw, state_->repository.get(), worktree_name(place).c_str(),
                                       handle.get(), 1);
  const ReferenceHandle branch(raw);
  if (result != 0) return git_failure(result, "cannot prepare a worktree");
  auto worktree = make_worktree(state_->repository.get(), branch.get(), place);
  const Result<void> detached =
      worktree ? detach(*worktree, *git_commit_id(handle.get())) : Result<void>();
  // Through the reference: git_branch_delete would refuse while the worktree has it checked out.
  git_reference_delete(branch.get());
  if (worktree && detached) return {};
  auto error_found = worktree ? detached.error() : worktree.error();
  (void)remove_worktree(place);  // the first error is the one to tell
  return std::unexpected(std::move(error_found));
}

Result<void> Repo::remove_worktree(const fs::path& path) const {
  WRIT_TRY(const fs::path place, real_place(path));
  const std::string name = worktree_name(place);
  git_worktree* raw = nullptr;
  const int found = git_worktree_lookup(&raw, state_->repository.get(), name.c_str());
  const WorktreeHandle worktree(raw);
  if (found != 0) return forget_half_made(state_->repository.get(), place);
  std::error_code error;
  fs::remove_all(place, error);
  if (error) {
    return fail(Code::storage_failed, "cannot remove " + place.string() + ": " + error.message(),
                "Make its files removable, then retry");
  }
  git_worktree_prune_options options = GIT_WORKTREE_PRUNE_OPTIONS_INIT;
  options.flags = GIT_WORKTREE_PRUNE_VALID | GIT_WORKTREE_PRUNE_LOCKED;
  const int result = git_worktree_prune(worktree.get(), &options);
  if (result != 0) return git_failure(result, "cannot forget the worktree at " + place.string());
  return {};
}

}  // namespace writ::repo
