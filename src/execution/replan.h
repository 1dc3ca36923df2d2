#pragma once
// `resume --replan`: a superseding run under a changed spec or protocol. It adopts the passed
// steps of the old run whose definitions have not changed; what depends on a step that it does
// not adopt is not adopted either.
#include <optional>

#include "base/result.h"
#include "execution/engine.h"
#include "execution/journal.h"

namespace writ::execution {

// Starts the new run and ends the old one as superseded, in one transaction. Returns the new run.
// Errors: conflict (the old run has ended, moves on at this moment, or the plan is the same),
// unavailable (it is being driven). `id` where the caller chose it.
Result<RunId> supersede(const JournalDeps& deps, Engine& engine, RunId old_run, protocol::Plan plan,
                        RunBinding binding, std::optional<RunId> id = std::nullopt);

}  // namespace writ::execution
