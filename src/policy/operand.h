#pragma once
// A fact as a gate met it: its value and where that came from, or why there is none.
#include <span>
#include <string>

#include "policy/facts.h"
#include "policy/rule_table.h"

namespace writ::policy {

Operand operand_of(const Facts& facts, std::string name);

// "tests.failed is 2", "tests.passed is absent (no tests evidence of this tree)".
std::string operand_text(const Operand& operand);
// Of all of them, with ", " between.
std::string operands_text(std::span<const Operand> operands);

}  // namespace writ::policy
