#include "protocol/step_names.h"

#include <algorithm>

namespace writ::protocol {

void StepNames::add(const Law* law, const std::string& path, std::size_t index) {
  Names& names = laws_[law];
  for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
    names.steps[path.substr(0, end)].push_back(index);
  }
  names.steps[path].push_back(index);
}

void StepNames::add_skipped(const Law* law, const std::string& path) {
  laws_[law].skipped.insert(path);
}

std::optional<std::vector<std::size_t>> StepNames::find(const Law* law,
                                                        const std::string& container,
                                                        const std::string& name) const {
  const auto names = laws_.find(law);
  if (names == laws_.end()) return std::nullopt;
  std::string around = container;
  while (true) {
    const std::string path = around.empty() ? name : around + "/" + name;
    if (const auto at = names->second.steps.find(path); at != names->second.steps.end()) {
      return at->second;
    }
    if (names->second.skipped.contains(path)) return std::vector<std::size_t>{};
    if (around.empty()) return std::nullopt;
    const std::size_t end = around.rfind('/');
    around.resize(end == std::string::npos ? 0 : end);
  }
}

std::vector<std::string_view> StepNames::known(const Law* law, const std::string& container) const {
  std::vector<std::string_view> out;
  const auto names = laws_.find(law);
  if (names == laws_.end()) return out;
  for (const auto& [path, steps] : names->second.steps) {
    out.push_back(path);
    for (std::size_t end = path.find('/'); end != std::string::npos;
         end = path.find('/', end + 1)) {
      const std::string_view around = std::string_view(path).substr(0, end + 1);
      if (std::string(container + "/").starts_with(around)) {
        out.push_back(std::string_view(path).substr(end + 1));
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace writ::protocol
