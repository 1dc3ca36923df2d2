#pragma once
// The parameters of `check: test-evidence` (LAW-14). Private to the module.
#include "protocol/reading.h"

namespace writ::protocol {

// One of `categories`, `doubles`, `models`, in the form that the check reads: lists of globs.
// Reports what is none.
Value read_test_demand(Reading& reading, const Member& demand);

}  // namespace writ::protocol
