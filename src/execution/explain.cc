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

}  // namespace writ::execution
