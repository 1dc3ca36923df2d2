// The digest of a working tree: docs/formats/tree-digest.md.
#include "base/safe_path.h"
#include "repo/state.h"

namespace writ::repo {
namespace {

std::string octal(std::uint32_t mode) {
  std::string digits;
  for (int shift = 15; shift >= 0; shift -= 3) {
    digits += static_cast<char>('0' + ((mode >> shift) & 7));
  }
  return digits;
}

bool matches_any(std::span<const std::string> globs, std::string_view path) {
  for (const std::string& glob : globs) {
    if (glob_matches(glob, path)) return true;
  }
  return false;
}

}  // namespace

void TreeLines::add(const TreeFile& file) {
  hash_.update(octal(file.mode) + ' ' + file.path);
  hash_.update(std::string_view("\0", 1));
  hash_.update(file.digest.hex() + '\n');
  ++files_;
}

void TreeLines::add_head(std::string_view head) { hash_.update(std::string(head) + '\n'); }

TreeDigest TreeLines::finish() { return {hash_.finish(), files_}; }

// A repository inside counts by its HEAD and by all that stands in its working tree: changes in it
// that nobody committed are changes of the whole.
Result<crypto::Digest> Repo::State::digest_of(const ScannedFile& file,
                                              std::span<const std::string> outputs) {
  if (file.mode != kRepositoryMode) return cache.digest(file);
  WRIT_TRY(Repo* const repo, repository_at(file.path));
  TreeLines lines;
  WRIT_TRY(const std::string head, repo->state_->head());
  lines.add_head(head);
  WRIT_TRY(const std::vector<TreeFile> files, repo->tree_files(outputs));
  for (const TreeFile& inner : files) lines.add(inner);
  return lines.finish().digest;
}

Result<std::vector<TreeFile>> Repo::tree_files(std::span<const std::string> outputs) const {
  const auto attempt = [&]() -> Result<std::vector<TreeFile>> {
    WRIT_TRY(const std::vector<ScannedFile> scanned, state_->scan_files(outputs));
    std::vector<TreeFile> files;
    files.reserve(scanned.size());
    for (const ScannedFile& file : scanned) {
      WRIT_TRY(const crypto::Digest digest, state_->digest_of(file, outputs));
      files.push_back({file.path, file.mode, digest});
    }
    state_->cache.prune(scanned);
    return files;
  };
  return state_->steadily(attempt);
}

Result<TreeDigest> Repo::tree_digest(std::span<const std::string> outputs) const {
  WRIT_TRY(const std::vector<TreeFile> files, tree_files(outputs));
  TreeLines lines;
  for (const TreeFile& file : files) lines.add(file);
  return lines.finish();
}

Result<TreeDigest> Repo::tree_digest_of(std::span<const std::string> globs,
                                        std::span<const std::string> outputs) const {
  const auto attempt = [&]() -> Result<TreeDigest> {
    WRIT_TRY(const std::vector<ScannedFile> scanned, state_->scan_files(outputs));
    TreeLines lines;
    for (const ScannedFile& file : scanned) {
      if (!matches_any(globs, file.path)) continue;
      WRIT_TRY(const crypto::Digest digest, state_->digest_of(file, outputs));
      lines.add({file.path, file.mode, digest});
    }
    return lines.finish();
  };
  return state_->steadily(attempt);
}

}  // namespace writ::repo
