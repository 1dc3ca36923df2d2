#pragma once
// Finds the steps that a name in `needs` or `over` means. Private to the module.
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "protocol/source.h"

namespace writ::protocol {

class StepNames {
 public:
  // Step `index` of `law`, under its own path and those of the levels around it.
  void add(const Law* law, const std::string& path, std::size_t index);
  void add_skipped(const Law* law, const std::string& path);

  // `name` is looked up beside the step, then in each level around it, then from the top, of the
  // same document. Empty: it means something that does not apply. Nothing: no such name.
  std::optional<std::vector<std::size_t>> find(const Law* law, const std::string& container,
                                               const std::string& name) const;
  // Every name that `find` would find from there, for suggestions.
  std::vector<std::string_view> known(const Law* law, const std::string& container) const;

 private:
  struct Names {
    std::unordered_map<std::string, std::vector<std::size_t>> steps;
    std::unordered_set<std::string> skipped;
  };
  std::unordered_map<const Law*, Names> laws_;
};

}  // namespace writ::protocol
