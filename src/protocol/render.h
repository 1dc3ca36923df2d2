#pragma once
// A plan for people: what `writ plan` prints. Plain text of at most 100 columns wherever names
// allow it, no colour codes.
#include <string>

#include "protocol/plan.h"

namespace writ::protocol {

std::string render_plan(const Plan& plan);

}  // namespace writ::protocol
