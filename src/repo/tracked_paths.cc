#include "repo/tracked_paths.h"

#include <algorithm>

namespace writ::repo {

TrackedPaths::TrackedPaths(std::vector<std::string_view> index, std::vector<std::string_view> base)
    : lists_{std::move(index), std::move(base)} {}

bool TrackedPaths::contains(std::string_view path) const {
  return std::any_of(std::begin(lists_), std::end(lists_), [path](const auto& list) {
    return std::binary_search(list.begin(), list.end(), path);
  });
}

bool TrackedPaths::has_below(std::string_view path) const {
  const std::string prefix = std::string(path) + '/';
  return std::any_of(std::begin(lists_), std::end(lists_), [&prefix](const auto& list) {
    const auto first = std::lower_bound(list.begin(), list.end(), std::string_view(prefix));
    return first != list.end() && first->starts_with(prefix);
  });
}

}  // namespace writ::repo
