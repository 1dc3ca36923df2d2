#pragma once
// The tree of a packet (LAW-08): a git worktree below .writ/worktrees, begun as the working tree
// of its parent is, with a commit of that tree as its base. The child's run row says where it is
// and what its base is; so a worktree that somebody removed, or that a crash left half made, is
// made again from there.
#include <mutex>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "cli/project.h"
#include "repo/repo.h"

namespace writ::cli {

struct PacketTree {
  std::string worktree;  // from the repository's root
  repo::CommitId base;
};

// The packet tree of the child runs that begin with `first`, made where it is not there.
// `parent_root` is the tree that it begins as, `base` and `outputs` those of its run.
// Errors: storage_failed, those of the store.
Result<PacketTree> open_packet_tree(Project& project, RunId first,
                                    const std::filesystem::path& parent_root,
                                    const repo::CommitId& base,
                                    std::span<const std::string> outputs);

// Takes the worktree away, where there is one. Errors: storage_failed.
Result<void> remove_packet_tree(const Project& project, RunId first);

}  // namespace writ::cli
