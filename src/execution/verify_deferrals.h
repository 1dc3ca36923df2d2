#pragma once
// What the events say was assumed, put off and settled is what somebody signed. Private to
// execution.
#include "base/result.h"
#include "execution/run_archive.h"

namespace writ::execution {

// Requires: the events fold to the archive's state, and its signed words hold.
// Errors: tampered.
Result<void> verify_deferrals(const RunArchive& archive);

}  // namespace writ::execution
