// What changed in one working tree, put into another one of the same repository. First all of it
// is compared, then written: a tree gets everything or, where both trees changed the same file,
// nothing. What is there already is left alone, so that a second call after a crash ends the first.
#include "base/file.h"
#include "base/safe_path.h"
#include "repo/settings.h"
#include "repo/state.h"
#include "repo/work_file.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 256u << 20;

fs::path staged_beside(const fs::path& worktree) { return worktree.string() + ".staged"; }

class BringBack {
 public:
  BringBack(Repo::State& from, Repo::State& into, TreeHandle base)
      : from_(from),
        into_(into),
        base_(std::move(base)),
        respects_mode_(respects_file_mode(from.repository.get())) {}

  Result<BroughtBack> run(const std::vector<Change>& changes) {
    for (const Change& change : changes) WRIT_CHECK(compare(change));
    if (!out_.conflicts.empty()) return std::move(out_);
    // Removals first: a file may give way to a directory of its name.
    for (const auto& [path, file] : todo_) {
      if (file.kind == WorkFile::Kind::none) WRIT_CHECK(remove(path));
    }
    for (const auto& [path, file] : todo_) {
      if (file.kind == WorkFile::Kind::file) WRIT_CHECK(write(path, file));
    }
    return std::move(out_);
  }

 private:
  Result<WorkFile> look(const Repo::State& state, const std::string& path) const {
    WRIT_TRY(WorkFile file, work_file(state.repository.get(), state.root, path, Store::no));
    return plain(file);
  }

  WorkFile plain(WorkFile file) const {
    const bool is_regular = file.mode == kExecutableMode || file.mode == 0100664;  // old trees
    if (is_regular && (!respects_mode_ || file.mode != kExecutableMode)) file.mode = kRegularMode;
    return file;
  }

  Result<WorkFile> at_base(const std::string& path) const {
    git_tree_entry* raw = nullptr;
    const int result = git_tree_entry_bypath(&raw, base_.get(), path.c_str());
    const TreeEntryHandle entry(raw);
    WorkFile file;
    if (result == GIT_ENOTFOUND) return file;
    if (result != 0) return git_failure(result, "cannot read " + path + " of the base revision");
    const bool is_file = git_tree_entry_type(raw) == GIT_OBJECT_BLOB;
    file.kind = is_file ? WorkFile::Kind::file : WorkFile::Kind::other;
    file.mode = static_cast<std::uint32_t>(git_tree_entry_filemode(raw));
    file.id = *git_tree_entry_id(raw);
    return plain(file);
  }

  Result<void> compare(const Change& change) {
    const std::string& path = change.path;
    WorkFile wanted;  // nothing, even where a directory has taken its name
    if (change.kind != ChangeKind::removed) {
      WRIT_TRY(wanted, look(from_, path));
    }
    WRIT_TRY(const WorkFile there, look(into_, path));
    // Where a directory has taken the name of a file, the file is gone.
    const bool is_gone = wanted.kind == WorkFile::Kind::none && there.is_directory;
    const bool is_there_already =
        is_gone || (there == wanted && wanted.kind != WorkFile::Kind::other);
    if (!is_there_already) {
      WRIT_TRY(const WorkFile before, at_base(path));
      // Directories and repositories inside are nobody's to replace.
      const bool may_write = there == before && there.kind != WorkFile::Kind::other &&
                             wanted.kind != WorkFile::Kind::other && join_inside(into_.root, path);
      if (!may_write) {
        out_.conflicts.push_back(path);
        return {};
      }
      todo_.push_back({path, wanted});
    }
    out_.paths.push_back(path);
    return {};
  }

  Result<void> remove(const std::string& path) const {
    std::error_code error;
    fs::path place = into_.root / path;
    fs::remove(place, error);
    if (error) return fail(Code::storage_failed, "cannot remove " + place.string());
    // As git does, directories that nothing is left in go too.
    for (place = place.parent_path(); place != into_.root; place = place.parent_path()) {
      if (!fs::remove(place, error) || error) break;
    }
    return {};
  }

  // Made outside of the tree, where a crash leaves nothing that looks like a part of it.
  Result<void> write(const std::string& path, const WorkFile& file) const {
    WRIT_TRY(const fs::path place, join_inside(into_.root, path));
    WRIT_CHECK(make_directory(place.parent_path()));
    const fs::path staged = staged_beside(from_.root);
    std::error_code error;
    if (file.mode == kLinkMode) {
      const fs::path target = fs::read_symlink(from_.root / path, error);
      if (!error) fs::remove(staged, error);
      if (!error) fs::create_symlink(target, staged, error);
      if (error) return fail(Code::storage_failed, "cannot make the link " + place.string());
    } else {
      WRIT_TRY(const std::string bytes, FilesBelow(from_.root).read(path, kMaxFile));
      fs::remove(staged, error);  // its mode would stay
      WRIT_CHECK(replace_file(staged, bytes, file.mode == kExecutableMode ? 0755 : 0644));
    }
    return move_file(staged, place);
  }

  Repo::State& from_;
  Repo::State& into_;
  TreeHandle base_;
  bool respects_mode_;
  std::vector<std::pair<std::string, WorkFile>> todo_;
  BroughtBack out_;
};

}  // namespace

Result<BroughtBack> Repo::bring_back(const Repo& from, const CommitId& base,
                                     std::span<const std::string> outputs) const {
  WRIT_TRY(const std::vector<Change> changes, from.changes_since(base, outputs));
  WRIT_TRY(const CommitHandle commit, state_->commit(base));
  git_tree* raw = nullptr;
  const int result = git_commit_tree(&raw, commit.get());
  TreeHandle tree(raw);
  if (result != 0) return git_failure(result, "cannot read the tree of the base revision");
  return BringBack(*from.state_, *state_, std::move(tree)).run(changes);
}

}  // namespace writ::repo
