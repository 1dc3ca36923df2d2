#pragma once
// What `writ apply` and `writ resume` do before a run is driven, for commands and for a server.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/project.h"
#include "cli/run_room.h"
#include "execution/journal.h"
#include "execution/progress.h"
#include "protocol/plan.h"
#include "repo/repo.h"

namespace writ::cli {

struct Wiring;

// A run that is durable, and all that driving it takes.
struct ReadyRun {
  RunId run;
  std::unique_ptr<RunRoom> room;
};

// A new run of `plan` against `base`; `id` where the caller chose it. What the spec's newest run
// put off and nobody settled goes on being open in it. Errors: those of RunRoom::open.
Result<ReadyRun> begin_run(const Wiring& wiring, Project& project, protocol::Plan plan,
                           repo::CommitId base, execution::Progress& progress,
                           std::optional<RunId> id = std::nullopt);

// Errors: conflict (the run has ended).
Result<void> expect_active(const execution::RunRow& run);

// A run that goes on: its spec, protocols, inputs and gates must still be those of its plan, and
// the trust at its base too. Errors: conflict, invalid_input (edited), tampered.
Result<ReadyRun> reopen_run(const Wiring& wiring, Project& project,
                            const execution::Journal& journal, execution::Progress& progress,
                            const execution::EngineOptions& options = {});

// The documents of a run as they stand now. Errors show files as seen from the working directory;
// `inputs` are those of --input.
Result<protocol::Plan> load_plan_again(const Wiring& wiring, const Project& project,
                                       const execution::RunRow& run,
                                       std::map<std::string, std::string> inputs);

// Another run, of `plan`, that takes over what still holds of `old_run`, which ends as superseded.
// Errors: those of execution::supersede and RunRoom::open.
Result<ReadyRun> replan_run(const Wiring& wiring, Project& project,
                            const execution::RunRow& old_run, protocol::Plan plan,
                            execution::Progress& progress, std::optional<RunId> id = std::nullopt);

// Ends a run for good. Errors: conflict (it has ended), unavailable (it is being driven).
Result<void> cancel_run(const Wiring& wiring, Project& project, RunId run);

}  // namespace writ::cli
