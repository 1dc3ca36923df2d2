#include "cli/progress_events.h"

#include <ostream>

#include "base/encoding.h"
#include "base/json.h"

namespace writ::cli {
namespace {

Array problem_values(std::span<const execution::Problem> problems) {
  Array out;
  for (const execution::Problem& p : problems) {
    out.push_back(Object{{"file", p.file},
                         {"line", p.at.line},
                         {"column", p.at.column},
                         {"rule", p.rule},
                         {"message", p.message},
                         {"remedy", p.remedy}});
  }
  return out;
}

}  // namespace

void ProgressEvents::write(std::string_view event, RunId run, Object members) {
  Object line{{"event", event}, {"time", to_rfc3339(clock_.wall())}, {"run", run.text()}};
  for (Member& member : members) line.append(member.key, std::move(member.value));
  const std::lock_guard lock(mutex_);
  out_ << to_json(Value(std::move(line))) << "\n" << std::flush;
}

RunId ProgressEvents::run_of(const protocol::PlanStep& step) {
  const std::lock_guard lock(mutex_);
  return runs_.of(step).id;
}

void ProgressEvents::run_opened(const protocol::Plan& plan, const execution::RunState& state) {
  {
    const std::lock_guard lock(mutex_);
    runs_.open(plan, state.run);
  }
  write("run_opened", state.run.id,
        Object{{"spec", plan.spec_id}, {"plan", state.run.plan}, {"steps", plan.steps.size()}});
}

void ProgressEvents::step_started(const protocol::PlanStep& step, std::size_t index,
                                  const execution::StepState& state) {
  write("step_started", run_of(step),
        Object{{"step", step.path}, {"index", index}, {"attempt", state.attempt}});
}

void ProgressEvents::step_output(const protocol::PlanStep& step, std::string_view line) {
  if (!is_utf8(line)) return;  // the whole output is in the evidence, byte for byte
  write("step_output", run_of(step), Object{{"step", step.path}, {"line", line}});
}

void ProgressEvents::step_reopened(const protocol::PlanStep& step, std::string_view reason) {
  write("step_reopened", run_of(step), Object{{"step", step.path}, {"reason", reason}});
}

void ProgressEvents::step_ended(const execution::StepEnd& end) {
  Object members{{"step", end.step.path},
                 {"index", end.index},
                 {"state", execution::to_value(end.state)},
                 {"problems", problem_values(end.problems)}};
  if (end.decision != nullptr) members.append("decision", end.decision->to_value());
  if (end.blocker != nullptr) members.append("blocker", execution::to_value(*end.blocker));
  write("step_ended", run_of(end.step), std::move(members));
}

void ProgressEvents::run_ended(const protocol::Plan& plan, const execution::RunState& state,
                               const execution::Standing& standing) {
  const execution::OutcomeRow& row = execution::outcome_row(standing.outcome);
  write("run_ended", state.run.id,
        Object{{"outcome", row.name},
               {"exit_code", row.exit_code},
               {"step", standing.step},
               {"detail", standing.detail},
               {"next", execution::next_line(plan, state)}});
  const std::lock_guard lock(mutex_);
  runs_.close(state.run.id);
}

}  // namespace writ::cli
