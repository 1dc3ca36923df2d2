#pragma once
// What a spec states and only a check makes count: known failures, a high risk, import rules. A
// plan without that check is refused. Private to the module.
#include "protocol/source.h"

namespace writ::protocol {

// Requires: plan.steps and plan.rules are there.
void expect_checks(const SourceDocument& spec, const Plan& plan, std::vector<Diagnostic>& problems);

// Whether a step of the plan is this check.
bool has_check(const Plan& plan, std::string_view check);

}  // namespace writ::protocol
