#include "executors/check.h"

#include <algorithm>

namespace writ::executors {
namespace {

constexpr CheckRow kChecks[] = {
    {"acceptance", &check_acceptance, "Every acceptance criterion is proved by a passed test"},
    {"artifacts", &check_artifacts, "What the run is to leave is there, addressed by its content"},
    {"baseline", &check_baseline, "No failure that the base revision did not have"},
    {"budget", &check_budget, "The change keeps to the spec's budgets of size"},
    {"context", &check_context, "The required documents are there, as the plan digested them"},
    {"contract", &check_contract, "Documents hold to their JSON Schema"},
    {"imports", &check_imports, "Sources import what the law lets them"},
    {"register", &check_register, "Dependencies and trust boundaries are registered"},
    {"risk", &check_risk, "A risk of 4 or 5 has rollback and simulation notes"},
    {"scan", &check_scan, "No forbidden pattern in the files of the scope"},
    {"scope", &check_scope, "Nothing outside the scope was changed"},
    {"test-evidence", &check_test_evidence, "Every test asserts something beyond a status flag"},
    {"tests", &check_tests, "Tests ran on this tree, and none failed"},
};

}  // namespace

std::span<const CheckRow> check_table() { return kChecks; }

Result<execution::StepResult> Check::execute(const execution::StepContext& context,
                                             std::stop_token stop) {
  const std::string_view name = context.step.with.string_or("check", "");
  const auto row = std::find_if(std::begin(kChecks), std::end(kChecks),
                                [&](const CheckRow& r) { return r.name == name; });
  if (row == std::end(kChecks)) {
    return fail(Code::unsupported, "there is no check " + std::string(name));
  }
  return row->run(context, deps_, stop);
}

execution::StepResult from_problems(std::vector<execution::Problem> problems, CountedNoun what) {
  execution::StepResult result;
  if (problems.empty()) return result;
  result.verdict = execution::Verdict::failed;
  result.failure = "check";
  result.reason = std::to_string(problems.size()) + " " +
                  std::string(problems.size() == 1 ? what.one : what.many);
  result.problems = std::move(problems);
  return result;
}

}  // namespace writ::executors
