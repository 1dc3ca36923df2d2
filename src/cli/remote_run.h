#pragma once
// Runs that a server drives for a command, which shows them as if it drove them itself.
#include "base/result.h"
#include "cli/server_client.h"
#include "execution/outcome.h"
#include "execution/progress.h"
#include "project/run_driver.h"

namespace writ::cli {

struct Wiring;

// Begins the run and watches it until it has ended or needs somebody. A command that is told to
// stop watches no longer; the run goes on. Errors: those of the server; cancelled.
Result<execution::Standing> apply_at(const Wiring& wiring, ServerClient& server,
                                     const project::RunOrder& order, execution::Progress& progress);
Result<execution::Standing> resume_at(const Wiring& wiring, ServerClient& server, RunId run,
                                      execution::Progress& progress);
Result<execution::Standing> replan_at(const Wiring& wiring, ServerClient& server,
                                      const project::ReplanOrder& order,
                                      execution::Progress& progress);
Result<void> cancel_at(ServerClient& server, RunId run);
// `run` as somebody named it.
Result<RunId> resolve_run_at(ServerClient& server, std::string_view run);

}  // namespace writ::cli
