#include "execution/outcome.h"

#include <algorithm>

namespace writ::execution {
namespace {

constexpr OutcomeRow kRows[] = {
    {Outcome::attested, "attested", 0},   {Outcome::blocked, "blocked", 3},
    {Outcome::gate_shut, "gate_shut", 4}, {Outcome::step_failed, "step_failed", 5},
    {Outcome::waiting, "waiting", 6},     {Outcome::cancelled, "cancelled", 130},
    {Outcome::stopped, "stopped", 3},     {Outcome::superseded, "superseded", 2},
};

// Worst first: what somebody must do something about before anything else matters.
struct StatusOutcome {
  StepStatus status;
  Outcome outcome;
};
constexpr StatusOutcome kByUrgency[] = {
    {StepStatus::blocked, Outcome::blocked},    {StepStatus::shut, Outcome::gate_shut},
    {StepStatus::failed, Outcome::step_failed}, {StepStatus::waiting, Outcome::waiting},
    {StepStatus::pending, Outcome::waiting},
};

std::string place(const Blocker& blocker) {
  if (blocker.file.empty()) return blocker.issue;
  return blocker.line == 0 ? blocker.file : blocker.file + ":" + std::to_string(blocker.line);
}

std::string waiting_line(const protocol::PlanStep& step, const StepState& state) {
  switch (step.kind) {
    case protocol::StepKind::approval:
      return "writ approve latest " + step.path + " --key FILE, then  writ resume";
    case protocol::StepKind::external:
      return state.claimed_by.empty()
                 ? "writ claim latest " + step.path + ", do it, then  writ submit latest " +
                       step.path + " --evidence FILE"
                 : "writ submit latest " + step.path + " --evidence FILE, then  writ resume";
    default:
      return "writ resume";
  }
}

std::string deferred_line(const RunRow& run) {
  return "writ deferral close latest " + open_deferrals(run).front().id.text() +
         " --key FILE --reason TEXT, then  writ resume";
}

std::string blocked_line(const Blocker& blocker) {
  if (blocker.kind == protocol::BlockerKind::FIX_REQUIRED) {
    return "fix " + place(blocker) + ", then  writ resume";
  }
  return "writ resolve latest " + blocker.id.text() + " --key FILE, then  writ resume";
}

}  // namespace

const OutcomeRow& outcome_row(Outcome outcome) { return kRows[static_cast<std::size_t>(outcome)]; }

Standing standing(const protocol::Plan& plan, const RunState& state) {
  switch (state.run.status) {
    case RunStatus::attested:
      return {Outcome::attested, "", ""};
    case RunStatus::cancelled:
      return {Outcome::cancelled, "", ""};
    case RunStatus::stopped:
      return {Outcome::stopped, "", ""};
    case RunStatus::superseded:
      return {Outcome::superseded, "", ""};
    case RunStatus::active:
      break;
  }
  for (const StatusOutcome& row : kByUrgency) {
    const auto at = std::find_if(state.steps.begin(), state.steps.end(),
                                 [&](const StepState& s) { return s.status == row.status; });
    if (at == state.steps.end()) continue;
    const auto index = static_cast<std::size_t>(at - state.steps.begin());
    return {row.outcome, plan.steps[index].path, ""};
  }
  // Every step passed and yet there is no attestation: a named check is unproved.
  return {Outcome::gate_shut, "", ""};
}

std::string next_line(const protocol::Plan& plan, const RunState& state) {
  const Standing at = standing(plan, state);
  switch (at.outcome) {
    case Outcome::attested:
      return "writ verify";
    case Outcome::cancelled:
    case Outcome::stopped:
      return "writ apply " + state.run.spec_file;
    case Outcome::superseded:
      return "writ status";
    case Outcome::gate_shut:
      if (at.step.empty() && !open_deferrals(state.run).empty()) return deferred_line(state.run);
      return "writ explain" + (at.step.empty() ? "" : " " + at.step) +
             ", mend what it names, then  writ resume";
    case Outcome::step_failed:
      return "mend " + at.step + ", then  writ resume";
    case Outcome::blocked: {
      const Blocker* blocker = state.open_blocker(at.step);
      return blocker != nullptr ? blocked_line(*blocker) : "writ explain " + at.step;
    }
    case Outcome::waiting: {
      const std::size_t index = plan.find(at.step);
      return index < plan.steps.size() ? waiting_line(plan.steps[index], state.steps[index])
                                       : "writ resume";
    }
  }
  return "writ status";
}

}  // namespace writ::execution
