#pragma once
// Many laws, one set of rules: higher authority wins and the override is recorded, a contradiction
// at equal authority is refused, a spec tightens and never loosens unless it may.
#include "protocol/source.h"

namespace writ::protocol {

// `laws` without the spec's; rules come out sorted by name. Problems carry the positions of both
// sides.
std::vector<ComposedRule> compose_rules(const std::vector<Law>& laws, const Law& spec,
                                        std::vector<Diagnostic>& problems);

// Puts what the composed rules say into the plan: budget, ambiguity, sequential, forbid, and the
// rules of its scan steps.
void apply_rules(Plan& plan, std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
