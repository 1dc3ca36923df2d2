#pragma once
// Where a server keeps what it has: in a project, or, where several servers share a database and
// none of them stands in a repository, in the store that --store or WRIT_STORE names.
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/project.h"
#include "contract/settings.h"

namespace writ::cli {

struct ServerPlace {
  std::unique_ptr<Project> project;  // null: there is none
  std::string store_url;             // empty: no store either
  std::filesystem::path directory;   // of files: the project's `.writ`, else --dir
};

// Errors: those of Project::open, but for not_found.
Result<ServerPlace> find_server_place(const CommandContext& context);

// The file of the server's secrets (identity/server_secrets.h), as `identity.secrets` says.
std::filesystem::path secrets_of(const ServerPlace& place, const contract::Settings& settings);

}  // namespace writ::cli
