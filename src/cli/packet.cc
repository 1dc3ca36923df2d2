#include "cli/packet.h"

#include "base/file.h"
#include "execution/journal.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

std::string worktree_of(RunId first) { return ".writ/worktrees/" + first.text(); }

// Beside the worktree; there once all of it is.
fs::path mark_of(const fs::path& place) { return place.string() + ".made"; }

Result<std::optional<repo::CommitId>> base_of_run(Project& project, RunId first) {
  const auto known = execution::Journal::open(project.journal_deps(crypto::KeyId{}), first);
  if (known) return repo::CommitId{known->state().run.base};
  if (known.error().code == Code::not_found) return std::nullopt;
  return std::unexpected(known.error());
}

Result<void> remove_at(const repo::Repo& repo, const fs::path& place) {
  std::error_code error;
  fs::remove(mark_of(place), error);
  fs::remove(place.string() + ".staged", error);  // of a bring_back that was cut off
  auto removed = repo.remove_worktree(place);
  if (!removed && removed.error().code != Code::not_found) return removed;
  fs::remove_all(place, error);  // what a crash left before git knew of it
  if (error) return fail(Code::storage_failed, "cannot remove " + place.string());
  return {};
}

}  // namespace

Result<PacketTree> open_packet_tree(Project& project, RunId first, const fs::path& parent_root,
                                    const repo::CommitId& base,
                                    std::span<const std::string> outputs) {
  PacketTree tree{worktree_of(first), base};
  const fs::path place = project.paths().root / tree.worktree;
  WRIT_TRY(const auto known, base_of_run(project, first));
  std::error_code error;
  if (known && fs::exists(mark_of(place), error) && fs::exists(place, error)) {
    tree.base = *known;
    return tree;
  }
  WRIT_TRY(const repo::Repo parent, repo::Repo::open(parent_root));
  WRIT_CHECK(remove_at(parent, place));
  if (known) {
    tree.base = *known;
  } else {
    WRIT_TRY(tree.base, parent.snapshot(base, outputs, first.text()));
  }
  WRIT_CHECK(parent.add_worktree(tree.base, place));
  WRIT_CHECK(replace_file(mark_of(place), tree.base.hex + "\n"));
  return tree;
}

Result<void> remove_packet_tree(const Project& project, RunId first) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(project.paths().root));
  return remove_at(repo, project.paths().root / worktree_of(first));
}

}  // namespace writ::cli
