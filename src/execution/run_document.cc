#include "execution/run_document.h"

#include <string_view>
#include <utility>
#include <vector>

#include "execution/compliance.h"
#include "execution/outcome.h"

namespace writ::execution {
namespace {

Array compliance_value(const protocol::Plan& plan, const RunState& state) {
  Array out;
  for (const Compliance& of : compliance(plan, state)) {
    out.push_back(Object{
        {"document", of.document}, {"steps", of.steps}, {"passed", of.passed}, {"open", of.open}});
  }
  return out;
}

template <typename T>
Result<std::vector<T>> items_of(const Value& value, std::string_view name,
                                Result<T> (*read)(const Value&)) {
  std::vector<T> out;
  const Value* const list = value.find(name);
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& item : list->as_array()) {
    WRIT_TRY(T one, read(item));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Value state_value(const RunState& state) {
  Array steps;
  for (const StepState& step : state.steps) steps.push_back(to_value(step));
  return Object{{"run", to_value(state.run)},
                {"steps", std::move(steps)},
                {"blockers", blockers_value(state)}};
}

Result<RunState> state_from_value(const Value& value) {
  const Value* const row = value.find("run");
  if (row == nullptr) return fail(Code::invalid_input, "this is the state of no run");
  RunState state;
  WRIT_TRY(state.run, run_row_from_value(*row));
  WRIT_TRY(state.steps, items_of<StepState>(value, "steps", &step_state_from_value));
  WRIT_TRY(state.blockers, items_of<Blocker>(value, "blockers", &blocker_from_value));
  return state;
}

Array steps_value(const protocol::Plan& plan, const RunState& state) {
  Array out;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Value step = to_value(state.steps[i]);
    step.as_object().set("step", plan.steps[i].path);
    out.push_back(std::move(step));
  }
  return out;
}

Array blockers_value(const RunState& state) {
  Array out;
  for (const Blocker& blocker : state.blockers) out.push_back(to_value(blocker));
  return out;
}

Value deferrals_value(const RunRow& run, WallTime now) {
  Array out;
  for (const Deferral& deferral : run.deferrals) {
    Value value = to_value(deferral);
    value.as_object().set("overdue", is_overdue(deferral, now));
    out.push_back(std::move(value));
  }
  return out;
}

Value status_value(const protocol::Plan& plan, const RunState& state, WallTime now) {
  const Standing stands = standing(plan, state);
  return Object{{"run", to_value(state.run)},
                {"outcome", outcome_row(stands.outcome).name},
                {"next", next_line(plan, state)},
                {"steps", steps_value(plan, state)},
                {"blockers", blockers_value(state)},
                {"compliance", compliance_value(plan, state)},
                {"deferrals", deferrals_value(state.run, now)}};
}

Value run_deferrals_value(RunRow run, Closed closed, WallTime now) {
  if (closed == Closed::left_out) run.deferrals = open_deferrals(run);
  return Object{
      {"run", run.id.text()}, {"spec", run.spec_id}, {"deferrals", deferrals_value(run, now)}};
}

Value run_assumptions_value(const RunRow& run) {
  Array assumptions;
  for (const Assumption& one : run.assumptions) assumptions.push_back(to_value(one));
  return Object{
      {"run", run.id.text()}, {"spec", run.spec_id}, {"assumptions", std::move(assumptions)}};
}

}  // namespace writ::execution
