#include "execution/explain.h"

#include <algorithm>

namespace writ::execution {

Result<Explanation> explain(const Journal& journal, std::string_view step) {
  const std::size_t index = journal.plan().find(step);
  if (index >= journal.plan().steps.size()) {
    return fail(Code::not_found, "the run has no step " + std::string(step),
                "`writ status` lists the steps");
  }
  Explanation out;
  out.step = step;
  out.definition = &journal.plan().steps[index];
  out.state = journal.state().steps[index];
  WRIT_TRY(std::vector<DecisionRecord> decisions, journal.decisions());
  for (DecisionRecord& decision : decisions) {
    if (decision.step == step && decision.attempt == out.state.attempt) {
      out.decision = std::move(decision);
    }
  }
  for (const Blocker& blocker : journal.state().blockers) {
    if (blocker.step == step) out.blockers.push_back(blocker);
  }
  WRIT_TRY(std::vector<evidence::Record> records, journal.evidence());
  for (evidence::Record& record : records) {
    if (record.step == step && record.attempt == out.state.attempt) {
      out.evidence.push_back(std::move(record));
    }
  }
  for (const std::string& need : out.definition->needs) {
    const std::size_t at = journal.plan().find(need);
    if (journal.state().steps[at].status != StepStatus::passed) out.unmet.push_back(need);
  }
  return out;
}

Value to_value(const Explanation& explanation) {
  Object out{{"step", explanation.step}, {"state", to_value(explanation.state)}};
  if (const auto& gate = explanation.definition->gate) {
    out.append("gate", gate->text());
    if (gate->rego() != nullptr) out.append("module", gate->rego()->module);
  }
  if (explanation.decision) out.append("decision", explanation.decision->to_value());
  Array blockers;
  for (const Blocker& blocker : explanation.blockers) blockers.push_back(to_value(blocker));
  out.append("blockers", std::move(blockers));
  Array evidence;
  for (const evidence::Record& record : explanation.evidence) {
    evidence.push_back(record.to_value());
  }
  out.append("evidence", std::move(evidence));
  Array unmet;
  for (const std::string& need : explanation.unmet) unmet.emplace_back(need);
  out.append("unmet", std::move(unmet));
  return out;
}

namespace {

template <typename T, typename Read>
Result<void> read_items(const Value& value, std::string_view name, std::vector<T>& out, Read read) {
  const Value* const list = value.find(name);
  if (list == nullptr || !list->is_array()) return {};
  for (const Value& item : list->as_array()) {
    WRIT_TRY(T one, read(item));
    out.push_back(std::move(one));
  }
  return {};
}

}  // namespace

Result<Explanation> explanation_from_value(const protocol::Plan& plan, const Value& value) {
  Explanation out;
  out.step = value.string_or("step", "");
  const std::size_t index = plan.find(out.step);
  const Value* const state = value.find("state");
  if (index >= plan.steps.size() || state == nullptr) {
    return fail(Code::not_found, "the plan has no step " + out.step);
  }
  out.definition = &plan.steps[index];
  WRIT_TRY(out.state, step_state_from_value(*state));
  if (const Value* const decision = value.find("decision")) {
    WRIT_TRY(out.decision, DecisionRecord::from_value(*decision));
  }
  WRIT_CHECK(read_items(value, "blockers", out.blockers, &blocker_from_value));
  WRIT_CHECK(read_items(value, "evidence", out.evidence, &evidence::Record::from_value));
  const Value* const unmet = value.find("unmet");
  if (unmet == nullptr || !unmet->is_array()) return out;
  for (const Value& need : unmet->as_array()) {
    if (need.is_string()) out.unmet.push_back(need.as_string());
  }
  return out;
}

}  // namespace writ::execution
