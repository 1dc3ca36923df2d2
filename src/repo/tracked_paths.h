#pragma once
// The paths that count although an ignore rule may name them: those in the index, and, for a
// comparison, those of the base revision.
//
// Holds views into the lists it was made of. Copies nothing, so that a warm scan stays a stat walk.
#include <string>
#include <string_view>
#include <vector>

namespace writ::repo {

class TrackedPaths {
 public:
  // Both lists are sorted by bytes.
  explicit TrackedPaths(std::vector<std::string_view> index,
                        std::vector<std::string_view> base = {});

  bool contains(std::string_view path) const;
  // Whether something below the directory `path` is tracked.
  bool has_below(std::string_view path) const;

 private:
  std::vector<std::string_view> lists_[2];
};

}  // namespace writ::repo
