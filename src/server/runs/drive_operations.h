#pragma once
// The family `runs`, where runs are begun and ended: what `writ apply`, `resume` and `cancel` do,
// by a server.
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "server/api/operation.h"
#include "server/project_side.h"
#include "server/runs/background_runs.h"

namespace writ::server {

// All are borrowed, and outlive the operations.
struct DriveNeeds {
  ProjectSide& project;
  BackgroundRuns* runs;  // null: this server drives none, and says so
  const Clock& clock;
  Random& random;
};

std::vector<Binding> drive_operations(const DriveNeeds& needs);

}  // namespace writ::server
