#include "executors/sub_spec.h"

namespace writ::executors {
namespace {

using execution::Outcome;
using execution::StepResult;
using execution::Verdict;

// Of the files of a packet, kept inline in the evidence; the count is of all.
constexpr std::size_t kPathsKept = 100;

evidence::Draft child_evidence(const ChildRun& child, std::string_view spec) {
  Object data{{"run", child.run.text()},
              {"spec", spec},
              {"outcome", execution::outcome_row(child.standing.outcome).name}};
  if (!child.worktree.empty()) {
    Array paths;
    for (const std::string& path : child.brought) {
      if (paths.size() < kPathsKept) paths.emplace_back(path);
    }
    data.append("worktree", child.worktree);
    data.append("files", child.brought.size());
    data.append("paths", std::move(paths));
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::note;
  draft.name = "child run";
  draft.data = std::move(data);
  return draft;
}

void refuse_conflicts(const ChildRun& child, StepResult& result) {
  for (const std::string& path : child.conflicts) {
    execution::Problem problem;
    problem.file = path;
    problem.rule = "packet";
    problem.message = "was changed here and in the packet's worktree " + child.worktree;
    problem.remedy = "Make the two files the same or undo one of the changes, then `writ resume`";
    result.problems.push_back(std::move(problem));
  }
  result.verdict = Verdict::failed;
  result.failure = "conflict";
  result.reason = "the packet's change cannot be brought back: " + child.conflicts.front() +
                  " was changed here too";
  result.blocker = protocol::BlockerKind::FIX_REQUIRED;
}

}  // namespace

RunId first_child(RunId parent, std::string_view step) {
  return RunId{Uuid::v5(parent.uuid, "child/" + std::string(step))};
}

Result<StepResult> SubSpec::execute(const execution::StepContext& context, std::stop_token stop) {
  const std::string_view path = context.step.with.string_or("path", "");
  WRIT_TRY(const ChildRun child,
           drive_({context.run, first_child(context.run, context.step.path), path,
                   context.step.is_packet(), context.plan.scope.sequential},
                  stop));
  const execution::Standing& at = child.standing;
  StepResult result;
  result.evidence.push_back(child_evidence(child, path));
  if (at.outcome == Outcome::attested) {
    if (!child.conflicts.empty()) refuse_conflicts(child, result);
    return result;
  }
  result.verdict = at.outcome == Outcome::waiting ? Verdict::waiting : Verdict::failed;
  result.failure = "spec";
  result.reason = "run " + child.run.text() + " of " + std::string(path) + " is " +
                  std::string(execution::outcome_row(at.outcome).name) +
                  (at.step.empty() ? "" : " at " + at.step) +
                  (child.worktree.empty() ? "" : ", in " + child.worktree);
  return result;
}

}  // namespace writ::executors
