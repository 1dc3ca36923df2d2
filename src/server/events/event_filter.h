#pragma once
// What is asked of the log, as parameters of a request say it.
#include "base/result.h"
#include "ledger/ledger.h"
#include "server/api/operation.h"

namespace writ::server {

// Errors: invalid_input (a run or a time that is none).
Result<ledger::Filter> event_filter(const Call& call);

}  // namespace writ::server
