#pragma once
// Rule sets and the choice of rules from what a user wrote.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/scan.h"

namespace writ::scan {

struct RuleSet {
  std::string_view name;                    // "zero-tolerance"
  std::span<const std::string_view> rules;  // sorted ids
};
std::span<const RuleSet> rule_sets();

// nullptr: no such rule.
const RuleInfo* find_rule(std::string_view id);

// The ids that `names` (ids or set names) stand for, sorted, each once. Nothing named means
// zero-tolerance. Errors: invalid_input (unknown, with "did you mean").
Result<std::vector<std::string_view>> choose_rules(std::span<const std::string> names);

}  // namespace writ::scan
