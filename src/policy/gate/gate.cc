#include "policy/gate/gate.h"

#include <algorithm>

#include "policy/gate/gate_policy.h"
#include "policy/gate/run_module.h"

namespace writ::policy {

std::vector<std::string> Gate::fact_names() const {
  return table() != nullptr ? table()->fact_names() : rego()->facts;
}

Value Gate::to_value() const {
  return table() != nullptr ? table()->to_value() : rego()->to_value();
}

Result<Gate> Gate::from_value(const Value& value) {
  if (value.find("module") != nullptr) {
    WRIT_TRY(RegoGate module, RegoGate::from_value(value));
    return Gate(std::move(module));
  }
  WRIT_TRY(RuleTable table, RuleTable::from_value(value));
  return Gate(std::move(table));
}

std::string Gate::text() const { return table() != nullptr ? table()->text() : rego()->text(); }

Decision evaluate(const Gate& gate, const Facts& facts) {
  return gate.table() != nullptr ? evaluate(*gate.table(), facts) : evaluate(*gate.rego(), facts);
}

namespace {

std::unexpected<Error> cannot_check(const std::string& why) {
  return fail(Code::unavailable, "the decision of a gate cannot be checked here: " + why,
              "Verify it again when this machine has more time, or on another one");
}

Result<Decision> decide_again(const Gate& gate, const Facts& facts) {
  if (gate.rego() != nullptr) return evaluate(*gate.rego(), facts);
  auto decision = try_evaluate(*gate.table(), facts);
  if (!decision && decision.error().code == Code::unavailable) {
    return cannot_check(decision.error().message);
  }
  return decision;
}

}  // namespace

Result<Decision> replay(const Gate& gate, const Facts& facts, const Value& kept) {
  WRIT_TRY(Decision again, decide_again(gate, facts));
  if (again.to_value() == kept) return again;
  if (gate.rego() != nullptr) {
    for (Decision& given_up : machine_gave_up(*gate.rego(), facts)) {
      if (given_up.to_value() == kept) return std::move(given_up);
    }
  }
  // Another machine may have had what this one lacks: nothing is known of what it kept.
  if (again.outcome == to_text(GateOutcome::exhausted)) return cannot_check(again.reason);
  return fail(Code::tampered, "what is kept is not what the facts give");
}

std::string gate_module(const Gate& gate) {
  return gate.table() != nullptr ? gate_policy(*gate.table()) : gate.rego()->module;
}

std::string gate_input(const Gate& gate, const Facts& facts) {
  return gate.table() != nullptr ? gate_input(facts) : gate_input(*gate.rego(), facts);
}

std::vector<std::vector<std::string>> gate_paths(const Gate& gate) {
  if (gate.table() != nullptr) return {{"writ", "gate", "decision"}};
  std::vector<std::vector<std::string>> out;
  for (const std::string& document : gate.rego()->documents()) {
    out.push_back(gate.rego()->package);
    out.back().push_back(document);
  }
  return out;
}

std::vector<std::string> gate_queries(const Gate& gate) {
  std::vector<std::string> out;
  for (const std::vector<std::string>& path : gate_paths(gate)) out.push_back(document_query(path));
  return out;
}

}  // namespace writ::policy
