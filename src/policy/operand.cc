#include "policy/operand.h"

#include "policy/expression.h"

namespace writ::policy {
namespace {

std::string absence_reason(const Facts& facts, std::string_view name) {
  for (const AbsentFact& absent : facts.stale) {
    if (absent.name == name) return absent.reason;
  }
  const FactRow* row = find_fact(name);
  return "no " + (row != nullptr ? std::string(row->evidence) + " " : std::string()) +
         "evidence of this tree";
}

std::string origin_text(const std::vector<FactOrigin>& origins) {
  std::string out;
  for (const FactOrigin& origin : origins) {
    const std::string text = origin.step.empty() ? origin.kind : origin.kind + " of " + origin.step;
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

}  // namespace

Operand operand_of(const Facts& facts, std::string name) {
  const auto found = facts.facts.find(name);
  if (found == facts.facts.end()) {
    std::string note = absence_reason(facts, name);
    return {std::move(name), std::nullopt, std::move(note)};
  }
  return {std::move(name), found->second.value, origin_text(found->second.origins)};
}

std::string operand_text(const Operand& operand) {
  if (operand.value) return operand.fact + " is " + value_text(*operand.value);
  return operand.fact + " is absent (" + operand.note + ")";
}

std::string operands_text(std::span<const Operand> operands) {
  std::string out;
  for (const Operand& operand : operands) {
    if (!out.empty()) out += ", ";
    out += operand_text(operand);
  }
  return out;
}

}  // namespace writ::policy
