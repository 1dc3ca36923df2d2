#include "cli/project.h"

#include "cli/command.h"
#include "cli/version.h"
#include "cli/wiring.h"

namespace writ::cli {

project::Means means_of(const Wiring& wiring) {
  return {.clock = wiring.clock,
          .random = wiring.random,
          .environment = wiring.environment,
          .tool = "writ/" + std::string(kVersion),
          .open_store = wiring.open_store,
          .open_blobs = wiring.open_blobs,
          .stop = wiring.stop};
}

Result<std::unique_ptr<Project>> open_project(const CommandContext& context) {
  return Project::open(means_of(context.wiring), context.global.directory, context.global.store);
}

std::optional<std::string_view> passphrase_of(const Wiring& wiring) {
  return means_of(wiring).passphrase();
}

}  // namespace writ::cli
