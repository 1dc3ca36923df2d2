#include "cli/find_step.h"

#include <vector>

#include "base/suggest.h"

namespace writ::cli {

Result<std::string> find_step(const protocol::Plan& plan, std::string_view text) {
  std::vector<std::string_view> paths;
  std::vector<std::string_view> fitting;
  for (const protocol::PlanStep& step : plan.steps) {
    if (step.path == text) return step.path;
    paths.emplace_back(step.path);
    if (step.path.ends_with("/" + std::string(text))) fitting.emplace_back(step.path);
  }
  if (fitting.size() == 1) return std::string(fitting.front());
  if (fitting.empty()) {
    return fail(Code::not_found,
                "the run has no step " + std::string(text) + did_you_mean(text, paths),
                "`writ status` lists the steps");
  }
  return fail(Code::invalid_input,
              "several steps end in " + std::string(text) + ": " + std::string(fitting[0]) + ", " +
                  std::string(fitting[1]),
              "Give the whole path");
}

}  // namespace writ::cli
