#pragma once
// The family `runs`, where people and agents act: each act is a DSSE envelope that the caller's own
// key made. The server verifies it as any reader will and signs for nobody (execution/acts.h).
#include <vector>

#include "server/api/operation.h"
#include "server/project_side.h"

namespace writ::server {

// `project` is borrowed, and outlives the operations.
std::vector<Binding> word_operations(ProjectSide& project, const Clock& clock);

}  // namespace writ::server
