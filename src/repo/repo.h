#pragma once
// The user's git repository through libgit2: the base revision, what changed since, and a digest
// of the working tree that no commit is needed for.
//
// One Repo per thread, or guarded by the caller; digests and diffs keep a cache of what stat says,
// so the second call is a walk without reading. Nothing here writes to the user's repository
// except worktrees, snapshots (objects and refs/writ/…) and what is brought back from a worktree.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"

namespace writ::repo {

struct CommitId {
  std::string hex;  // 40 digits
  friend auto operator<=>(const CommitId&, const CommitId&) = default;
};

enum class ChangeKind : std::uint8_t { added, modified, removed };

struct Change {
  std::string path;  // relative to the root, '/' separated; renames are removed + added
  ChangeKind kind = ChangeKind::modified;
  std::uint32_t lines_added = 0;
  std::uint32_t lines_removed = 0;
  std::uint32_t lines_now = 0;  // lines of the file as it stands; 0 when removed or binary
  bool is_binary = false;
};

// One file of the working tree as the digest sees it.
struct TreeFile {
  std::string path;
  // 0100644, 0100755, 0120000 (link: digest of its target), 0160000 (submodule or any repository
  // inside: digest over its HEAD and its own files).
  std::uint32_t mode = 0;
  crypto::Digest digest;
};

struct TreeDigest {
  crypto::Digest digest;
  std::size_t files = 0;
};

struct BroughtBack {
  std::vector<std::string> paths;  // changed there, and as there now; sorted
  std::vector<std::string>
      conflicts;  // changed on both sides, or no files; then nothing is written
};

class Repo {
 public:
  // Finds the repository that `dir` is in. Errors: not_found ("git init" as remedy),
  // not_permitted (it belongs to another user; names safe.directory), invalid_input (bare).
  static Result<Repo> open(const std::filesystem::path& dir);
  Repo(Repo&&) noexcept;
  Repo& operator=(Repo&&) noexcept;
  ~Repo();

  const std::filesystem::path& root() const;

  // Errors: not_found (no such revision; an unborn branch names its remedy), invalid_input (no
  // commit, ambiguous, malformed).
  Result<CommitId> resolve(std::string_view revision) const;
  // Whether a new file of that path would be left out by `git add`.
  // Errors: invalid_input (not a path below the root).
  Result<bool> is_ignored(std::string_view path) const;
  // A file as it was. Errors: not_found, invalid_input (a directory, larger than max_bytes).
  Result<std::string> read_at(const CommitId& commit, std::string_view path,
                              std::size_t max_bytes = 8u << 20) const;
  // Every file, link and submodule of a commit, sorted by path.
  Result<std::vector<std::string>> list_at(const CommitId& commit) const;

  // The working tree: tracked files, and untracked ones that are not ignored, without anything
  // named `.git` or `.writ`. Untracked files that match an `outputs` glob (what steps produce) do
  // not count; tracked files always do. Sorted by path, by bytes.
  // Errors: unavailable (files kept changing while they were read, or cannot be read).
  Result<std::vector<TreeFile>> tree_files(std::span<const std::string> outputs) const;
  // SHA-256 over "mode SP path NUL digest-hex LF" of every file in path order
  // (docs/formats/tree-digest.md). Unchanged files (size, mtime, inode, ctime) are not read again
  // by the same Repo object.
  Result<TreeDigest> tree_digest(std::span<const std::string> outputs) const;
  // The same over those files alone whose path matches one of `globs`.
  Result<TreeDigest> tree_digest_of(std::span<const std::string> globs,
                                    std::span<const std::string> outputs) const;

  // Working tree against `base`, untracked files included (as for tree_files). Sorted by path.
  // What the index claims is not relied upon. Binary files have no line counts.
  // Errors: as tree_files, and not_found (no such commit).
  Result<std::vector<Change>> changes_since(const CommitId& base,
                                            std::span<const std::string> outputs) const;

  // Checks `commit` out into the new directory `path`: a linked worktree with a detached HEAD.
  // Submodules stay empty. Errors: conflict (`path` exists), not_found, storage_failed.
  Result<void> add_worktree(const CommitId& commit, const std::filesystem::path& path) const;
  // Also where the directory is gone already. Errors: not_found (none that add_worktree made).
  Result<void> remove_worktree(const std::filesystem::path& path) const;

  // The working tree as a commit: what changed since `base` (as changes_since says) on top of it,
  // kept under refs/writ/`name`. Without changes it is `base` itself. The same files give the same
  // commit. Errors: as changes_since, storage_failed.
  Result<CommitId> snapshot(const CommitId& base, std::span<const std::string> outputs,
                            std::string_view name) const;
  // Puts what changed since `base` in the worktree `from` into this one: all of it or, where both
  // changed a file in different ways, nothing. May be called again after a crash in between. Files
  // are made beside the worktree, as its name and `.staged`, and moved from there.
  // Errors: as changes_since, storage_failed.
  Result<BroughtBack> bring_back(const Repo& from, const CommitId& base,
                                 std::span<const std::string> outputs) const;

  struct State;  // opaque

 private:
  explicit Repo(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace writ::repo
