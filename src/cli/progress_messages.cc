#include "cli/progress_messages.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "execution/outcome.h"
#include "execution/run_document.h"
#include "net/http.h"

namespace writ::cli {
namespace {

using execution::Problem;

Value problem_value(const Problem& p) {
  return Object{{"file", p.file},     {"line", p.at.line}, {"column", p.at.column},
                {"length", p.length}, {"rule", p.rule},    {"message", p.message},
                {"remedy", p.remedy}, {"source", p.line}};
}

Problem problem_of(const Value& value) {
  Problem p;
  p.file = value.string_or("file", "");
  p.at.line = static_cast<std::uint32_t>(value.integer_or("line", 0));
  p.at.column = static_cast<std::uint32_t>(value.integer_or("column", 0));
  p.length = static_cast<std::uint32_t>(value.integer_or("length", 0));
  p.rule = value.string_or("rule", "");
  p.message = value.string_or("message", "");
  p.remedy = value.string_or("remedy", "");
  p.line = value.string_or("source", "");
  return p;
}

std::optional<execution::Outcome> outcome_named(std::string_view name) {
  using enum execution::Outcome;
  for (const auto outcome :
       {attested, blocked, gate_shut, step_failed, waiting, cancelled, stopped, superseded}) {
    if (execution::outcome_row(outcome).name == name) return outcome;
  }
  return std::nullopt;
}

std::unexpected<Error> not_understood(std::string_view what) {
  return fail(Code::unavailable,
              "the server tells of a run what is not understood: no " + std::string(what),
              "Use the writ that the server is");
}

Result<const Value*> member(const Value& message, std::string_view name) {
  const Value* const found = message.find(name);
  if (found == nullptr) return not_understood(name);
  return found;
}

}  // namespace

void ProgressMessages::run_opened(const protocol::Plan& plan, const execution::RunState& state) {
  {
    const std::lock_guard lock(mutex_);
    runs_.open(plan, state.run);
  }
  tell_(Object{{"event", "run_opened"},
               {"run", state.run.id.text()},
               {"state", execution::state_value(state)}});
}

void ProgressMessages::tell(std::string_view event, const protocol::PlanStep& step,
                            Object members) {
  Object message{{"event", event}, {"step", step.path}};
  for (Member& one : members) message.append(one.key, std::move(one.value));
  {
    const std::lock_guard lock(mutex_);
    message.append("run", runs_.of(step).id.text());
  }
  tell_(std::move(message));
}

void ProgressMessages::step_started(const protocol::PlanStep& step, std::size_t,
                                    const execution::StepState& state) {
  tell("step_started", step, Object{{"state", execution::to_value(state)}});
}

void ProgressMessages::step_output(const protocol::PlanStep& step, std::string_view line) {
  tell("step_output", step, Object{{"bytes", to_base64(line)}});
}

void ProgressMessages::step_reopened(const protocol::PlanStep& step, std::string_view reason) {
  tell("step_reopened", step, Object{{"reason", reason}});
}

void ProgressMessages::step_ended(const execution::StepEnd& end) {
  Array problems;
  for (const Problem& problem : end.problems) problems.push_back(problem_value(problem));
  Object members{{"state", execution::to_value(end.state)},
                 {"problems", std::move(problems)},
                 {"decided", end.decision != nullptr}};
  if (end.blocker != nullptr) members.append("blocker", execution::to_value(*end.blocker));
  tell("step_ended", end.step, std::move(members));
}

void ProgressMessages::run_ended(const protocol::Plan&, const execution::RunState& state,
                                 const execution::Standing& standing) {
  tell_(Object{{"event", "run_ended"},
               {"run", state.run.id.text()},
               {"state", execution::state_value(state)},
               {"outcome", execution::outcome_row(standing.outcome).name},
               {"step", standing.step},
               {"detail", standing.detail}});
  const std::lock_guard lock(mutex_);
  runs_.close(state.run.id);
}

std::optional<execution::Standing> ProgressReplay::ended(RunId run) const {
  const auto found = ended_.find(run);
  if (found == ended_.end()) return std::nullopt;
  return found->second;
}

Result<void> ProgressReplay::take(const Value& message) {
  WRIT_TRY(const RunId run, RunId::parse(message.string_or("run", "")));
  const std::string_view event = message.string_or("event", "");
  if (event == "run_opened") return open(run, message);
  if (event == "run_ended") return close(run, message);
  return take_step(run, event, message);
}

// A run that is driven once more is opened once more: what pointed to the old plan was closed.
Result<void> ProgressReplay::open(RunId run, const Value& message) {
  WRIT_TRY(const Value* const state, member(message, "state"));
  WRIT_TRY(const Value plan, server_.get("/runs/" + run.text() + "/plan"));
  auto at = std::make_unique<Opened>();
  WRIT_TRY(at->plan, protocol::Plan::from_value(plan));
  WRIT_TRY(at->state, execution::state_from_value(*state));
  progress_.run_opened(at->plan, at->state);
  opened_.insert_or_assign(run, std::move(at));
  ended_.erase(run);
  return {};
}

Result<void> ProgressReplay::close(RunId run, const Value& message) {
  const auto at = opened_.find(run);
  if (at == opened_.end()) return {};
  WRIT_TRY(const Value* const state, member(message, "state"));
  WRIT_TRY(at->second->state, execution::state_from_value(*state));
  const auto outcome = outcome_named(message.string_or("outcome", ""));
  if (!outcome) return not_understood("outcome");
  const execution::Standing standing{*outcome, std::string(message.string_or("step", "")),
                                     std::string(message.string_or("detail", ""))};
  progress_.run_ended(at->second->plan, at->second->state, standing);
  ended_.insert_or_assign(run, standing);
  return {};
}

// Of a run whose beginning was not told (it has fallen out of the server's memory) nothing is
// shown.
Result<void> ProgressReplay::take_step(RunId run, std::string_view event, const Value& message) {
  const auto found = opened_.find(run);
  if (found == opened_.end()) return {};
  const Opened& at = *found->second;
  const std::size_t index = at.plan.find(message.string_or("step", ""));
  if (index >= at.plan.steps.size()) return not_understood("such step");
  const protocol::PlanStep& step = at.plan.steps[index];
  if (event == "step_ended") return end_step(run, index, at, message);
  if (event == "step_reopened") {
    progress_.step_reopened(step, message.string_or("reason", ""));
  } else if (event == "step_output") {
    WRIT_TRY(const std::string line, parse_base64(message.string_or("bytes", "")));
    progress_.step_output(step, line);
  } else if (event == "step_started") {
    WRIT_TRY(const Value* const value, member(message, "state"));
    WRIT_TRY(const execution::StepState state, execution::step_state_from_value(*value));
    progress_.step_started(step, index, state);
  }
  return {};
}

Result<void> ProgressReplay::end_step(RunId run, std::size_t index, const Opened& at,
                                      const Value& message) {
  const protocol::PlanStep& step = at.plan.steps[index];
  WRIT_TRY(const Value* const value, member(message, "state"));
  WRIT_TRY(const execution::StepState state, execution::step_state_from_value(*value));
  std::vector<Problem> problems;
  if (const Value* list = message.find("problems"); list != nullptr && list->is_array()) {
    std::ranges::transform(list->as_array(), std::back_inserter(problems), &problem_of);
  }
  std::optional<execution::DecisionRecord> decision;
  if (message.bool_or("decided", false)) {
    WRIT_TRY(decision, decision_of(run, step.path, state.attempt));
  }
  std::optional<execution::Blocker> blocker;
  if (const Value* raised = message.find("blocker")) {
    WRIT_TRY(blocker, execution::blocker_from_value(*raised));
  }
  progress_.step_ended({step, index, state, problems, decision ? &decision->decision : nullptr,
                        blocker ? &*blocker : nullptr});
  return {};
}

Result<std::optional<execution::DecisionRecord>> ProgressReplay::decision_of(
    RunId run, const std::string& step, std::uint32_t attempt) {
  WRIT_TRY(const Value answer,
           server_.get("/runs/" + run.text() + "/decisions?step=" + net::percent_encode(step)));
  WRIT_TRY(const Value* const list, member(answer, "decisions"));
  std::optional<execution::DecisionRecord> out;
  if (!list->is_array()) return out;
  for (const Value& item : list->as_array()) {
    if (item.integer_or("attempt", 0) != attempt) continue;
    WRIT_TRY(out, execution::DecisionRecord::from_value(item));
  }
  return out;
}

}  // namespace writ::cli
