#pragma once
// The last steps of a forked child before it turns into the command. Only for the trampoline,
// which is single-threaded.
#include <sys/types.h>

#include <cstdint>

#include "process/job.h"

namespace writ::process {

struct StartFailure {
  Report::Stage stage = Report::Stage::supervise;
  std::int32_t error = 0;
};

// Own process group, parent-death signal, limits, working directory, exec. Returns only where one
// of them failed. `supervisor` is the process that must still be the parent.
StartFailure become_command(const Job& job, pid_t supervisor);

}  // namespace writ::process
