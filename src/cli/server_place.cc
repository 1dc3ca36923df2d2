#include "cli/server_place.h"

#include "cli/command.h"
#include "cli/wiring.h"

namespace writ::cli {

Result<ServerPlace> find_server_place(const CommandContext& context) {
  auto project = open_project(context);
  if (project) {
    ServerPlace out{std::move(*project), {}, {}};
    out.store_url = out.project->store_url();
    out.directory = out.project->paths().writ();
    return out;
  }
  if (project.error().code != Code::not_found) return std::unexpected(std::move(project).error());
  ServerPlace out{nullptr, context.global.store, context.global.directory};
  const auto named = context.wiring.environment.find("WRIT_STORE");
  if (out.store_url.empty() && named != context.wiring.environment.end()) {
    out.store_url = named->second;
  }
  return out;
}

std::filesystem::path secrets_of(const ServerPlace& place, const contract::Settings& settings) {
  const std::string& set = settings.text("identity.secrets");
  return set.empty() ? place.directory / "identity" / "secrets.json" : std::filesystem::path(set);
}

}  // namespace writ::cli
