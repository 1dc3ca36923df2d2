#pragma once
// Paths into terms, as json.filter, json.remove and json.patch take them.
#include <map>
#include <optional>
#include <vector>

#include "policy/builtins/builtin.h"

namespace writ::rego {

using Path = std::vector<Term>;

// "a/b/0" with ~1 for '/' and ~0 for '~', slashes in front ignored; or an array of keys. Nothing
// if `term` is neither.
std::optional<Path> parse_path(Arena& arena, const Term& term);

// Paths by their steps. A path ends the ones that go on from it.
struct PathTree {
  bool ends_here = false;
  std::map<Term, PathTree> steps;

  void add(const Path& path);
  const PathTree* find(const Term& step) const;
};

}  // namespace writ::rego
