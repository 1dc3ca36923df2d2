#include "executors/sub_spec.h"

namespace writ::executors {

using execution::Outcome;
using execution::StepResult;
using execution::Verdict;

Result<StepResult> SubSpec::execute(const execution::StepContext& context, std::stop_token stop) {
  const std::string_view path = context.step.with.string_or("path", "");
  const RunId first{Uuid::v5(context.run.uuid, "child/" + context.step.path)};
  WRIT_TRY(const ChildRun child, drive_(first, path, stop));
  const execution::Standing& at = child.standing;
  const std::string outcome(execution::outcome_row(at.outcome).name);
  StepResult result;
  evidence::Draft draft;
  draft.kind = evidence::Kind::note;
  draft.name = "child run";
  draft.data = Object{{"run", child.run.text()}, {"spec", path}, {"outcome", outcome}};
  result.evidence.push_back(std::move(draft));
  if (at.outcome == Outcome::attested) return result;
  result.verdict = at.outcome == Outcome::waiting ? Verdict::waiting : Verdict::failed;
  result.failure = "spec";
  result.reason = "run " + child.run.text() + " of " + std::string(path) + " is " + outcome +
                  (at.step.empty() ? "" : " at " + at.step);
  return result;
}

}  // namespace writ::executors
