#pragma once
// One step of a document.
#include "protocol/reading.h"

namespace writ::protocol {

// Everything but id, path and position in the plan. Reports what is wrong.
StepSource read_step(Reading& reading, const Value& value);

}  // namespace writ::protocol
