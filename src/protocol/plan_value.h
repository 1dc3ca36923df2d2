#pragma once
// What the digests of plans and steps cover. Private to the module.
#include "protocol/plan.h"

namespace writ::protocol {

// Without positions, file names and the byte digests of spec and protocols.
Value digested_value(const Plan& plan);
Value digested_value(const PlanStep& step);

}  // namespace writ::protocol
