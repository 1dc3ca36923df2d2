#pragma once
// Gates as Rego: what decides a gate is a policy that OPA can read, over facts/v1 as its input.
// The three values of a condition become two predicates: one for "it is known to hold", one for
// "it is known not to"; where a fact is absent both are undefined.
#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "policy/facts.h"
#include "policy/rule_table.h"

namespace writ::policy {

// The table as a module of package `writ.gate`. `data.writ.gate.decision` is
// {"open", "rule", "sure"}, or undefined where no rule matches. Laid out as `writ policy fmt` does.
std::string gate_policy(const RuleTable& table);
// Rego compares decimals as they are spelled, conditions compare doubles: whole ones are spelled
// with every digit.
Value exact_number(const Value& value);
// The facts as that module's input, JSON: facts/v1.
std::string gate_input(const Facts& facts);

struct Verdict {
  bool open = false;
  std::optional<std::size_t> rule;  // nothing: none matched
  bool is_sure = true;              // false: it shuts because it cannot be ruled out

  bool operator==(const Verdict&) const = default;
};
// By the conditions themselves, in three-valued logic: what the policy has to come to.
Verdict first_match(const RuleTable& table, const Facts& facts);
// By the policy. Errors: internal (the policy does not compile or run: then nothing may open),
// unavailable (this machine ran out of time or stack).
Result<Verdict> decide(const RuleTable& table, const Facts& facts);
// evaluate(), but for a machine that ran out of time or stack. Errors: unavailable.
Result<Decision> try_evaluate(const RuleTable& table, const Facts& facts);

}  // namespace writ::policy
