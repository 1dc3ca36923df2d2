#include "protocol/stages.h"

#include <algorithm>

namespace writ::protocol {

Stages::Stages(const std::vector<Law>& laws, std::vector<Diagnostic>& problems)
    : names_(std::begin(kStages), std::end(kStages)) {
  for (const Law& law : laws) {
    std::size_t next = 0;  // where a stage may stand at the earliest
    for (const NameAt& stage : law.stages) {
      const std::size_t at = index(stage.name);
      if (at == count()) {
        names_.insert(names_.begin() + static_cast<std::ptrdiff_t>(next), stage.name);
        ++next;
      } else if (at >= next) {
        next = at + 1;
      } else {
        problems.push_back(law.source->document.diagnostic(
            stage.at, "stage `" + stage.name + "` cannot stand behind `" + names_[next - 1] + "`",
            "A protocol may add stages, never reorder them"));
      }
    }
  }
}

std::size_t Stages::index(std::string_view stage) const {
  return static_cast<std::size_t>(std::ranges::find(names_, stage) - names_.begin());
}

}  // namespace writ::protocol
