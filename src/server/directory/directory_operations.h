#pragma once
// The family `directory`: accounts that follow directories of people.
// Mechanism: docs/architecture/directories.md.
#include <chrono>
#include <memory>
#include <vector>

#include "server/api/operation.h"
#include "server/directory/directories.h"

namespace writ::server {

// How long ago a person may have proved who it is, to let a run take from more people than it may.
inline constexpr std::chrono::seconds kDirectoryStepUp{300};

std::vector<Binding> directory_operations(const std::shared_ptr<Directories>& directories);

}  // namespace writ::server
