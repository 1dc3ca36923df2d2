#include "repo/repo.h"

#include "base/safe_path.h"
#include "repo/state.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

// libgit2 reports "not found" for a repository of somebody else's where no git configuration
// exists in which it could look for safe.directory.
bool is_there(const fs::path& dir) {
  git_buf found = GIT_BUF_INIT;
  const bool is_found = git_repository_discover(&found, dir.c_str(), 0, nullptr) == 0;
  git_buf_dispose(&found);
  return is_found;
}

std::unexpected<Error> cannot_open(int result, const fs::path& dir) {
  if (result == GIT_ENOTFOUND && is_there(dir)) result = GIT_EOWNER;
  if (result == GIT_ENOTFOUND) {
    return fail(Code::not_found, dir.string() + " is in no git repository",
                "Run `git init`, then `git add` and `git commit` what is there");
  }
  if (result == GIT_EOWNER) {
    return fail(Code::not_permitted,
                "the repository of " + dir.string() + " belongs to another user",
                "If you trust it: git config --global --add safe.directory <its top directory>");
  }
  return git_failure(result, "cannot open the repository of " + dir.string());
}

Result<ObjectHandle> find_revision(git_repository* repository, const std::string& revision) {
  git_object* raw = nullptr;
  const int result = git_revparse_single(&raw, repository, revision.c_str());
  if (result == 0) return ObjectHandle(raw);
  if (result == GIT_ENOTFOUND && git_repository_head_unborn(repository) == 1) {
    return fail(Code::not_found,
                "there is no revision \"" + revision + "\": the branch has no commit yet",
                "Commit once: git add -A && git commit -m \"Start\"");
  }
  if (result == GIT_ENOTFOUND) {
    return fail(Code::not_found, "there is no revision \"" + revision + "\"",
                "Name a branch, tag or commit; in a shallow clone fetch it first");
  }
  return git_failure(result, "cannot resolve the revision \"" + revision + "\"");
}

Result<TreeHandle> tree_of(const CommitHandle& commit) {
  git_tree* raw = nullptr;
  const int result = git_commit_tree(&raw, commit.get());
  if (result != 0) return git_failure(result, "cannot read the tree of a commit");
  return TreeHandle(raw);
}

int collect_path(const char* root, const git_tree_entry* entry, void* paths) {
  if (git_tree_entry_type(entry) == GIT_OBJECT_TREE) return 0;
  static_cast<std::vector<std::string>*>(paths)->push_back(std::string(root) +
                                                           git_tree_entry_name(entry));
  return 0;
}

}  // namespace

Repo::Repo(std::unique_ptr<State> state) : state_(std::move(state)) {}
Repo::Repo(Repo&&) noexcept = default;
Repo& Repo::operator=(Repo&&) noexcept = default;
Repo::~Repo() = default;

Result<Repo> Repo::open(const fs::path& dir) {
  start_git();
  git_repository* raw = nullptr;
  const int result = git_repository_open_ext(&raw, dir.c_str(), 0, nullptr);
  RepositoryHandle repository(raw);
  if (result != 0) return cannot_open(result, dir);
  const char* workdir = git_repository_workdir(raw);
  if (workdir == nullptr) {
    return fail(Code::invalid_input,
                "the repository at " + std::string(git_repository_path(raw)) +
                    " is bare: it has no working tree",
                "Clone it, and work in the clone");
  }
  std::error_code error;
  const fs::path root = fs::canonical(workdir, error);
  if (error) {
    return fail(Code::not_found,
                "the working tree " + std::string(workdir) + " is gone: " + error.message());
  }
  return Repo(std::make_unique<State>(std::move(repository), root));
}

const fs::path& Repo::root() const { return state_->root; }

Result<CommitId> Repo::resolve(std::string_view revision) const {
  const std::string name(revision);
  if (name.empty() || name.find('\0') != std::string::npos) {
    return fail(Code::invalid_input, "a revision may not be empty nor hold a NUL",
                "Name a branch, tag or commit, or HEAD");
  }
  WRIT_TRY(const ObjectHandle object, find_revision(state_->repository.get(), name));
  git_object* raw = nullptr;
  const int result = git_object_peel(&raw, object.get(), GIT_OBJECT_COMMIT);
  const ObjectHandle commit(raw);
  if (result != 0) {
    return fail(Code::invalid_input, "\"" + name + "\" is no commit",
                "Name a branch, tag or commit, or HEAD");
  }
  return CommitId{to_hex(*git_object_id(commit.get()))};
}

Result<bool> Repo::is_ignored(std::string_view path) const {
  WRIT_TRY(const std::string normal, normalize_relative(path));
  int ignored = 0;
  const int result = git_ignore_path_is_ignored(&ignored, state_->repository.get(), normal.c_str());
  if (result != 0) return git_failure(result, "cannot tell whether git ignores " + normal);
  return ignored != 0;
}

Result<std::string> Repo::read_at(const CommitId& commit, std::string_view path,
                                  std::size_t max_bytes) const {
  WRIT_TRY(const std::string normal, normalize_relative(path));
  WRIT_TRY(const CommitHandle handle, state_->commit(commit));
  WRIT_TRY(const TreeHandle tree, tree_of(handle));
  const std::string name = normal + " at " + commit.hex.substr(0, 12);
  git_tree_entry* raw_entry = nullptr;
  int result = git_tree_entry_bypath(&raw_entry, tree.get(), normal.c_str());
  const TreeEntryHandle entry(raw_entry);
  if (result == GIT_ENOTFOUND) return fail(Code::not_found, "there is no " + name);
  if (result != 0) return git_failure(result, "cannot look up " + name);
  if (git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB) {
    return fail(Code::invalid_input, name + " is no file");
  }
  git_blob* raw_blob = nullptr;
  result = git_blob_lookup(&raw_blob, state_->repository.get(), git_tree_entry_id(entry.get()));
  const BlobHandle blob(raw_blob);
  if (result != 0) return git_failure(result, "cannot read " + name);
  const auto size = static_cast<std::size_t>(git_blob_rawsize(blob.get()));
  if (size > max_bytes) {
    return fail(Code::invalid_input, name + " has " + std::to_string(size) +
                                         " bytes, more than the " + std::to_string(max_bytes) +
                                         " allowed");
  }
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())), size);
}

Result<std::vector<std::string>> Repo::list_at(const CommitId& commit) const {
  WRIT_TRY(const CommitHandle handle, state_->commit(commit));
  WRIT_TRY(const TreeHandle tree, tree_of(handle));
  std::vector<std::string> paths;
  const int result = git_tree_walk(tree.get(), GIT_TREEWALK_PRE, &collect_path, &paths);
  if (result != 0) return git_failure(result, "cannot list the files of " + commit.hex);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace writ::repo
