#pragma once
// What a drive does before it starts anything: attempts that a crash interrupted, steps that the
// user asked to try again by resuming, and passed steps that an edited tree made stale.
#include <vector>

#include "base/result.h"
#include "execution/engine.h"
#include "execution/journal.h"

namespace writ::execution {

// Ends orphans of interrupted attempts and stages what becomes of them. One that is not
// repeatable becomes a blocker.
Result<void> recover_interrupted(const EngineDeps& deps, Journal& journal);

// Stages the reopening of failed, shut and FIX_REQUIRED steps, and of those whose blocker has
// been resolved.
Result<void> reopen_for_another_try(Journal& journal);

// Stages the reopening of passed steps that depend on what changed between the tree that the run
// knows and `now`, unless a waiting step of an outside agent explains the change.
Result<void> reconcile_tree(Journal& journal, const Tree& now);

// The tree that the next attempt's change is measured from, where this one was cut off or refused
// for what it changed: what is left of that counts as the next attempt's. Empty: nothing is owed.
std::string change_owed_by(const protocol::PlanStep& step, const StepState& state);

// What finds a step's processes.
std::string process_token(RunId run, std::string_view step, std::uint32_t attempt);

}  // namespace writ::execution
