#pragma once
// Steps and gates of a run as JUnit XML, for CI systems: a suite per phase, a case per step.
// A gate that is shut is a failure; a step that failed or is blocked is an error; a step that was
// not reached is skipped, and says which step stands in its way, so that the number of cases never
// shrinks.
#include <string>

#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::cli {

std::string junit_xml(const protocol::Plan& plan, const execution::RunState& state);

}  // namespace writ::cli
