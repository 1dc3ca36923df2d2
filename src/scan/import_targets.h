#pragma once
// Which file of the tree an import means, as far as that can be told without a build: architecture
// rules speak of folders, sources of names.
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/imports.h"

namespace writ::scan {

// Made once for a tree. Immutable, thread-safe.
class ImportTargets {
 public:
  // `paths`: every file of the tree. `go_modules`: folder ("" for the root) → the module's path.
  explicit ImportTargets(std::span<const std::string> paths,
                         std::map<std::string, std::string> go_modules = {});

  // Everything that a rule may know `import` of the file `from` by: its name, Python's parts, both
  // also with `/` for `.`, and the files of the tree that it means (of a Go package the first). Of
  // several files that a name may mean, those nearest to `from`.
  std::vector<std::string> names_of(std::string_view from, const Import& import) const;
  // The last of these alone; empty: nothing in the tree.
  std::vector<std::string> targets_of(std::string_view from, const Import& import) const;

 private:
  std::vector<std::string> by_suffix(std::string_view from, std::string_view name) const;
  std::vector<std::string> of_python(std::string_view from, std::string_view name) const;
  std::vector<std::string> of_go(std::string_view name) const;
  bool has(std::string_view path) const;

  std::vector<std::string> paths_;     // sorted
  std::vector<std::string> reversed_;  // the same from behind, sorted: what ends alike is together
  std::map<std::string, std::string> go_modules_;
};

}  // namespace writ::scan
