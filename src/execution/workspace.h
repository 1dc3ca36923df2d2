#pragma once
// The tree that a run works on: its digest, and what changed since the base revision.
// Two implementations: the git repository (repo_workspace.h) and a fixed tree for benchmarks and
// engine tests (testing/fixed_workspace.h).
//
// Thread-safe: parallel steps ask at once.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "repo/repo.h"

namespace writ::execution {

struct Tree {
  crypto::Digest digest;
  std::shared_ptr<const std::vector<repo::TreeFile>> files;  // shared: kept before and after
};

class Workspace {
 public:
  virtual ~Workspace() = default;
  virtual const std::filesystem::path& root() const = 0;
  virtual Result<Tree> tree() = 0;
  // Against `base`, a commit.
  virtual Result<std::vector<repo::Change>> changes_since(std::string_view base) = 0;
  // A file of the base revision. Errors: not_found.
  virtual Result<std::string> read_at(std::string_view base, std::string_view path) = 0;
};

// Paths that differ between two trees, sorted.
std::vector<std::string> changed_paths(const Tree& before, const Tree& after);

// The files of `tree`, a line each, by path; the tree's digest is that of this text.
std::string listing_of(const Tree& tree);

// Digest of the files of `tree` whose path matches one of `globs`; as the tree digest is made.
crypto::Digest digest_of(const Tree& tree, const std::vector<std::string>& globs);

}  // namespace writ::execution
