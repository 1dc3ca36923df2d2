// The checks that look at the change as a whole: scope, budget, risk.
#include "execution/scope_check.h"
#include "executors/check.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::ScopeReport;
using execution::StepContext;
using execution::StepResult;

Result<ScopeReport> report_of(const StepContext& context) {
  WRIT_TRY(auto changes, context.workspace.changes_since(context.base));
  return execution::check_scope(context.plan, std::move(changes));
}

bool has_input(const protocol::Plan& plan, std::string_view name) {
  for (const protocol::BoundDocument& input : plan.inputs) {
    if (input.name == name) return true;
  }
  return false;
}

}  // namespace

Result<StepResult> check_scope(const StepContext& context, const CheckDeps&, std::stop_token) {
  WRIT_TRY(ScopeReport report, report_of(context));
  evidence::Draft draft = report.draft();
  StepResult result = from_problems(std::move(report.outside),
                                    {"file outside the scope", "files outside the scope"});
  result.evidence.push_back(std::move(draft));
  return result;
}

Result<StepResult> check_budget(const StepContext& context, const CheckDeps&, std::stop_token) {
  WRIT_TRY(ScopeReport report, report_of(context));
  evidence::Draft draft = report.draft();
  StepResult result =
      from_problems(std::move(report.over_budget), {"budget passed", "budgets passed"});
  result.evidence.push_back(std::move(draft));
  return result;
}

Result<StepResult> check_risk(const StepContext& context, const CheckDeps&, std::stop_token) {
  std::vector<Problem> problems;
  std::int64_t notes = 0;
  for (const std::string_view note : {"rollback", "simulation"}) {
    if (has_input(context.plan, note)) ++notes;
  }
  for (const auto& [area, score] : context.plan.risk) {
    if (score < protocol::kHighRisk || notes == 2) continue;
    Problem problem;
    problem.file = context.plan.spec_file;
    problem.rule = "risk";
    problem.message = "risk " + area + " is " + std::to_string(score) +
                      ", and there are no rollback and simulation notes";
    problem.remedy = "Bind them in the spec: inputs: {rollback: FILE, simulation: FILE}";
    problems.push_back(std::move(problem));
  }
  StepResult result =
      from_problems(std::move(problems), {"risk without notes", "risks without notes"});
  evidence::Draft draft;
  draft.kind = evidence::Kind::risk;
  draft.name = "risk";
  Object scores;
  for (const auto& [area, score] : context.plan.risk) scores.append(area, score);
  draft.data = Object{{"scores", std::move(scores)}, {"notes", notes}};
  draft.facts = {{"risk.notes", Value(notes)}};
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
