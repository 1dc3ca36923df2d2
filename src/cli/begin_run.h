#pragma once
// What `writ apply` and `writ resume` do before a run is driven, for commands and for a server.
#include <memory>
#include <optional>

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
                            const execution::Journal& journal, execution::Progress& progress);

// Ends a run for good. Errors: conflict (it has ended), unavailable (it is being driven).
Result<void> cancel_run(const Wiring& wiring, Project& project, RunId run);

}  // namespace writ::cli
