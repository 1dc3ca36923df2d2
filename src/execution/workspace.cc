#include "execution/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/safe_path.h"

namespace writ::execution {
namespace {

// Unambiguous: no path holds a zero byte.
std::string line_of(const repo::TreeFile& file) {
  return fmt::format("{:06o} {}{}{}\n", file.mode, file.path, '\0', file.digest.hex());
}

}  // namespace

std::string listing_of(const Tree& tree) {
  std::string out;
  if (!tree.files) return out;
  for (const repo::TreeFile& file : *tree.files) out += line_of(file);
  return out;
}

std::vector<std::string> changed_paths(const Tree& before, const Tree& after) {
  std::vector<std::string> out;
  if (before.digest == after.digest || !before.files || !after.files) return out;
  auto a = before.files->begin();
  auto b = after.files->begin();
  const auto a_end = before.files->end();
  const auto b_end = after.files->end();
  while (a != a_end || b != b_end) {
    if (b == b_end || (a != a_end && a->path < b->path)) {
      out.push_back((a++)->path);
    } else if (a == a_end || b->path < a->path) {
      out.push_back((b++)->path);
    } else {
      if (a->digest != b->digest || a->mode != b->mode) out.push_back(a->path);
      ++a;
      ++b;
    }
  }
  return out;
}

crypto::Digest digest_of(const Tree& tree, const std::vector<std::string>& globs) {
  crypto::Sha256 hash;
  if (!tree.files) return hash.finish();
  for (const repo::TreeFile& file : *tree.files) {
    const bool is_input = std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
      return glob_matches(glob, file.path);
    });
    if (is_input) hash.update(line_of(file));
  }
  return hash.finish();
}

}  // namespace writ::execution
