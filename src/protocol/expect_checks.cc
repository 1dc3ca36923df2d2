#include "protocol/expect_checks.h"

#include <algorithm>

namespace writ::protocol {
namespace {

void expect(const SourceDocument& spec, const Plan& plan, std::string_view check,
            std::string_view key, std::string message, std::vector<Diagnostic>& problems) {
  if (has_check(plan, check)) return;
  problems.push_back(
      spec.document.diagnostic(spec.document.root.find(key)->at(), std::move(message),
                               "Add a step `check: " + std::string(check) + "` to stage validate"));
}

}  // namespace

bool has_check(const Plan& plan, std::string_view check) {
  return std::ranges::any_of(plan.steps, [&](const PlanStep& step) {
    return step.kind == StepKind::check && step.with.string_or("check", "") == check;
  });
}

void expect_checks(const SourceDocument& spec, const Plan& plan,
                   std::vector<Diagnostic>& problems) {
  if (!plan.known_failures.empty()) {
    expect(spec, plan, "baseline", "known_failures",
           "nothing holds `known_failures` to the base revision", problems);
  }
  const bool is_high =
      std::ranges::any_of(plan.risk, [](const auto& area) { return area.second >= kHighRisk; });
  if (is_high) {
    expect(spec, plan, "risk", "risk", "nothing holds a risk of 4 or 5 to its notes", problems);
  }
}

}  // namespace writ::protocol
