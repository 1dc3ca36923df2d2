// The working tree against a commit. Git's index is not asked what changed: a command could have
// written anything into it. Only our own stat cache saves hashing.
#include "repo/line_counts.h"
#include "repo/settings.h"
#include "repo/state.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

struct BaseFile {
  std::string path;
  std::uint32_t mode = 0;
  git_oid id{};
};

int collect_file(const char* root, const git_tree_entry* entry, void* files) {
  if (git_tree_entry_type(entry) == GIT_OBJECT_TREE) return 0;
  BaseFile file{std::string(root) + git_tree_entry_name(entry),
                static_cast<std::uint32_t>(git_tree_entry_filemode(entry)),
                *git_tree_entry_id(entry)};
  if (!is_private(file.path))
    static_cast<std::vector<BaseFile>*>(files)->push_back(std::move(file));
  return 0;
}

Result<std::vector<BaseFile>> files_of(const CommitHandle& commit) {
  git_tree* raw = nullptr;
  int result = git_commit_tree(&raw, commit.get());
  const TreeHandle tree(raw);
  std::vector<BaseFile> files;
  if (result == 0) result = git_tree_walk(tree.get(), GIT_TREEWALK_PRE, &collect_file, &files);
  if (result != 0) return git_failure(result, "cannot read the tree of the base revision");
  std::sort(files.begin(), files.end(),
            [](const BaseFile& a, const BaseFile& b) { return a.path < b.path; });
  return files;
}

bool is_regular(std::uint32_t mode) { return mode == kRegularMode || mode == kExecutableMode; }

// The text as `git add` would store it, so that line endings alone are no change.
Result<std::string> as_stored(git_repository* repository, const std::string& path,
                              std::string text) {
  git_filter_list* raw = nullptr;
  int result = git_filter_list_load(&raw, repository, nullptr, path.c_str(), GIT_FILTER_TO_ODB,
                                    GIT_FILTER_ALLOW_UNSAFE);
  const FilterListHandle filters(raw);
  if (result == 0 && !filters) return text;
  git_buf buffer = GIT_BUF_INIT;
  if (result == 0) {
    result = git_filter_list_apply_to_buffer(&buffer, filters.get(), text.data(), text.size());
  }
  std::string stored(buffer.ptr != nullptr ? buffer.ptr : "", buffer.size);
  git_buf_dispose(&buffer);
  if (result != 0) return git_failure(result, "cannot filter " + path);
  return stored;
}

Result<std::string> read_blob(git_repository* repository, const BaseFile& file) {
  if (file.mode == kRepositoryMode) return std::string();
  git_blob* raw = nullptr;
  const int result = git_blob_lookup(&raw, repository, &file.id);
  const BlobHandle blob(raw);
  if (result != 0) return git_failure(result, "cannot read " + file.path + " of the base revision");
  return std::string(static_cast<const char*>(git_blob_rawcontent(raw)),
                     static_cast<std::size_t>(git_blob_rawsize(raw)));
}

// Old trees may say 0100664.
std::uint32_t plain_mode(std::uint32_t mode) { return mode == 0100664 ? kRegularMode : mode; }

}  // namespace

// One comparison of the base revision's files with the scanned ones.
class ChangeFinder {
 public:
  ChangeFinder(Repo::State& state, std::span<const std::string> outputs)
      : state_(state),
        outputs_(outputs),
        respects_mode_(respects_file_mode(state.repository.get())) {}

  Result<std::vector<Change>> run(const std::vector<BaseFile>& before,
                                  const std::vector<ScannedFile>& now) {
    auto old_file = before.begin();
    auto new_file = now.begin();
    while (old_file != before.end() || new_file != now.end()) {
      const bool has_both = old_file != before.end() && new_file != now.end();
      const int order = has_both                   ? old_file->path.compare(new_file->path)
                        : old_file != before.end() ? -1
                                                   : 1;
      if (order < 0) {
        WRIT_CHECK(on_missing(*old_file++));
      } else if (order > 0) {
        WRIT_CHECK(add(ChangeKind::added, nullptr, &*new_file++));
      } else {
        WRIT_CHECK(on_both(*old_file++, *new_file++));
      }
    }
    return std::move(changes_);
  }

 private:
  Result<void> on_missing(const BaseFile& file) {
    std::error_code error;
    // A submodule that was never initialised is an empty directory.
    const bool is_empty_submodule =
        file.mode == kRepositoryMode && fs::is_directory(state_.root / file.path, error);
    if (is_empty_submodule) return {};
    return add(ChangeKind::removed, &file, nullptr);
  }

  Result<void> on_both(const BaseFile& before, const ScannedFile& now) {
    WRIT_TRY(const bool same, is_same(before, now));
    if (same) return {};
    return add(ChangeKind::modified, &before, &now);
  }

  Result<bool> is_same(const BaseFile& before, const ScannedFile& now) {
    const std::uint32_t mode = plain_mode(before.mode);
    const bool only_bit_differs = is_regular(mode) && is_regular(now.mode);
    if (mode != now.mode && (!only_bit_differs || respects_mode_)) return false;
    if (mode == kRepositoryMode) return is_same_repository(before, now);
    WRIT_TRY(const git_oid id, state_.cache.blob_id(state_.repository.get(), now));
    return git_oid_equal(&id, &before.id) != 0;
  }

  Result<bool> is_same_repository(const BaseFile& before, const ScannedFile& now) {
    WRIT_TRY(Repo* const repo, state_.repository_at(now.path));
    WRIT_TRY(const CommitId head, repo->resolve("HEAD"));
    if (head.hex != to_hex(before.id)) return false;
    WRIT_TRY(const std::vector<Change> inner, repo->changes_since(head, outputs_));
    return inner.empty();
  }

  Result<void> add(ChangeKind kind, const BaseFile* before, const ScannedFile* now) {
    Change change{before != nullptr ? before->path : now->path, kind};
    std::string old_text;
    std::string new_text;
    if (before != nullptr) {
      WRIT_TRY(old_text, read_blob(state_.repository.get(), *before));
    }
    if (now != nullptr && now->mode != kRepositoryMode) {
      WRIT_TRY(new_text, state_.cache.read(*now));
    }
    change.is_binary = is_binary(old_text) || is_binary(new_text);
    if (!change.is_binary) {
      if (now != nullptr) change.lines_now = count_lines(new_text);
      if (now != nullptr && is_regular(now->mode)) {
        WRIT_TRY(new_text, as_stored(state_.repository.get(), now->path, std::move(new_text)));
      }
      WRIT_TRY(const LineCounts counts, compare_lines(old_text, new_text));
      change.lines_added = counts.added;
      change.lines_removed = counts.removed;
    }
    changes_.push_back(std::move(change));
    return {};
  }

  Repo::State& state_;
  std::span<const std::string> outputs_;
  bool respects_mode_;
  std::vector<Change> changes_;
};

Result<std::vector<Change>> Repo::changes_since(const CommitId& base,
                                                std::span<const std::string> outputs) const {
  WRIT_TRY(const CommitHandle commit, state_->commit(base));
  WRIT_TRY(const std::vector<BaseFile> before, files_of(commit));
  std::vector<std::string_view> base_paths;
  base_paths.reserve(before.size());
  for (const BaseFile& file : before) base_paths.emplace_back(file.path);
  const auto attempt = [&]() -> Result<std::vector<Change>> {
    WRIT_TRY(const std::vector<ScannedFile> now, state_->scan_files(outputs, base_paths));
    state_->cache.use_filters(filter_sources(state_->repository.get(), state_->root, now));
    return ChangeFinder(*state_, outputs).run(before, now);
  };
  return state_->steadily(attempt);
}

}  // namespace writ::repo
