#pragma once
// The project of a command: that of --dir, with the store of --store.
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "project/project.h"

namespace writ::cli {

struct CommandContext;
struct Wiring;

using project::Project;
using project::ProjectPaths;

// What projects and stores are opened with here.
project::Means means_of(const Wiring& wiring);

// Errors: those of Project::open.
Result<std::unique_ptr<Project>> open_project(const CommandContext& context);

// What WRIT_KEY_PASSPHRASE holds; nothing when it is not set.
std::optional<std::string_view> passphrase_of(const Wiring& wiring);

}  // namespace writ::cli
