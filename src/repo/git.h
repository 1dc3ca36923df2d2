#pragma once
// libgit2 behind owned handles and Results. Only this module sees libgit2.
#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::repo {

template <auto Free>
struct GitFree {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using BlobHandle = std::unique_ptr<git_blob, GitFree<&git_blob_free>>;
using CommitHandle = std::unique_ptr<git_commit, GitFree<&git_commit_free>>;
using ConfigHandle = std::unique_ptr<git_config, GitFree<&git_config_free>>;
using FilterListHandle = std::unique_ptr<git_filter_list, GitFree<&git_filter_list_free>>;
using IndexHandle = std::unique_ptr<git_index, GitFree<&git_index_free>>;
using ObjectHandle = std::unique_ptr<git_object, GitFree<&git_object_free>>;
using PatchHandle = std::unique_ptr<git_patch, GitFree<&git_patch_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, GitFree<&git_reference_free>>;
using RepositoryHandle = std::unique_ptr<git_repository, GitFree<&git_repository_free>>;
using SignatureHandle = std::unique_ptr<git_signature, GitFree<&git_signature_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, GitFree<&git_tree_entry_free>>;
using TreeHandle = std::unique_ptr<git_tree, GitFree<&git_tree_free>>;
using WorktreeHandle = std::unique_ptr<git_worktree, GitFree<&git_worktree_free>>;

// Before the first call into libgit2; cheap when repeated. Thread-safe.
void start_git();

// The failure `result` of "what", with libgit2's own explanation.
std::unexpected<Error> git_failure(int result, const std::string& what);

std::string to_hex(const git_oid& id);

}  // namespace writ::repo
