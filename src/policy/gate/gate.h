#pragma once
// A gate, in either form that documents give it: a rule table, or a module in Rego. Both see facts
// alone, both are kept whole in the plan and replay for ever.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "policy/gate/rego_gate.h"
#include "policy/rule_table.h"

namespace writ::policy {

struct Gate {
  std::variant<RuleTable, RegoGate> form;

  Gate() = default;
  Gate(RuleTable table) : form(std::move(table)) {}
  Gate(RegoGate module) : form(std::move(module)) {}

  const RuleTable* table() const { return std::get_if<RuleTable>(&form); }
  const RegoGate* rego() const { return std::get_if<RegoGate>(&form); }

  // Sorted, unique.
  std::vector<std::string> fact_names() const;
  // Canonical form, and back. Errors of from_value: invalid_input.
  Value to_value() const;
  static Result<Gate> from_value(const Value& value);
  // One line for people.
  std::string text() const;
};

Decision evaluate(const Gate& gate, const Facts& facts);

// The decision again, from what was kept of it. Errors: tampered (`kept` is not what the gate comes
// to over these facts).
Result<Decision> replay(const Gate& gate, const Facts& facts, const Value& kept);

// The module that decides, the input it gets, and the documents that are asked, as paths below
// `data` and as queries: {"writ", "gate", "decision"}, {"data.release.gate.allow"}.
std::string gate_module(const Gate& gate);
std::string gate_input(const Gate& gate, const Facts& facts);
std::vector<std::vector<std::string>> gate_paths(const Gate& gate);
std::vector<std::string> gate_queries(const Gate& gate);

}  // namespace writ::policy
