#pragma once
// A run at a server, read and acted on over HTTP.
#include <memory>
#include <string_view>

#include "base/result.h"
#include "cli/run_desk.h"
#include "cli/server_client.h"

namespace writ::cli {

// `run` as somebody named it. `context` is borrowed. Errors: not_found, those of the server.
Result<std::unique_ptr<RunDesk>> open_remote_desk(const CommandContext& context,
                                                  std::unique_ptr<ServerClient> server,
                                                  std::string_view run);

// Errors: not_found, as where the run is looked for in a store.
Result<void> expect_run_name(std::string_view name);

}  // namespace writ::cli
