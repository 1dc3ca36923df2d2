#pragma once
// A line in the server's log for each thing that a drive tells of: where a run came to is found
// there, and beside what, after the messages themselves are gone. What steps print is not in it:
// that may hold anything.
#include "base/value.h"
#include "observe/log.h"

namespace writ::server {

// `message`: as a RunDriver tells (project/run_driver.h).
void log_drive(observe::Log& log, const Value& message);

}  // namespace writ::server
