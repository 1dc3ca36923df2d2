#include "execution/compliance.h"

#include <algorithm>

namespace writ::execution {

std::vector<Compliance> compliance(const protocol::Plan& plan, const RunState& state) {
  std::vector<Compliance> all;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const protocol::PlanStep& step = plan.steps[i];
    auto of = std::ranges::find(all, step.origin.document, &Compliance::document);
    if (of == all.end()) of = all.insert(all.end(), {step.origin.document, 0, 0, {}});
    ++of->steps;
    if (state.steps[i].status == StepStatus::passed) {
      ++of->passed;
    } else if (of->open.empty()) {
      of->open = step.path;
    }
  }
  return all;
}

}  // namespace writ::execution
