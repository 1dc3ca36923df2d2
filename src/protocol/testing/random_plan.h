#pragma once
// Plans with anything in them that a plan can hold: the same one for the same seed.
#include "protocol/plan.h"

namespace writ::protocol::testing {

Plan random_plan(std::uint32_t seed);

}  // namespace writ::protocol::testing
