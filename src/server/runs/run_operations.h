#pragma once
// The family `runs`: runs as they stand, in the shapes of `--json`, and the trust they rest on.
// `{run}` is an id, the unique beginning of one, or `latest`.
#include <vector>

#include "base/clock.h"
#include "server/api/operation.h"
#include "server/project_side.h"

namespace writ::server {

// All are borrowed, and outlive the operations.
struct RunNeeds {
  ProjectSide& project;
  const Clock& clock;
};

std::vector<Binding> run_operations(const RunNeeds& needs);

}  // namespace writ::server
