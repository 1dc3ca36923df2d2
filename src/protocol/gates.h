#pragma once
// Whether a gate can ever open: each fact it names must come from a step it looks at, or be derived
// by the engine. Private to the module.
#include "protocol/order.h"

namespace writ::protocol {

// Reports gates that name facts which none of their steps produces.
void check_gates(const Plan& plan, const std::vector<Position>& gate_positions,
                 std::vector<Diagnostic>& problems);

// The evidence kinds that a step produces when it passes.
std::vector<std::string_view> produced_kinds(const PlanStep& step);

}  // namespace writ::protocol
