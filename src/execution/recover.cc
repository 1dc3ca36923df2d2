#include "execution/recover.h"

#include "execution/run_rows.h"

namespace writ::execution {
namespace {

using protocol::PlanStep;
using protocol::StepKind;

constexpr std::string_view kInterrupted = "interrupted";

Result<void> block_interrupted(Journal& journal, const PlanStep& step, std::uint32_t attempt) {
  Blocker blocker;
  blocker.id = {Uuid::v5(journal.state().run.id.uuid,
                         "blocker/" + step.path + "/" + std::to_string(attempt))};
  blocker.kind = protocol::BlockerKind::CONTRACT_UNCLEAR;
  blocker.step = step.path;
  blocker.attempt = attempt;
  blocker.issue =
      "the attempt was interrupted, the step may not be repeated, and nobody knows "
      "whether it had its effect";
  blocker.proposed_fix = "Find out what it did, then resolve the blocker to run it again";
  Completion completion;
  completion.status = StepStatus::blocked;
  completion.reason = blocker.issue;
  completion.failure = kInterrupted;
  completion.tree_before = journal.state().steps[journal.plan().find(step.path)].tree_before;
  WRIT_CHECK(journal.stage(step_completed(step.path, attempt, completion)));
  return journal.stage(blocker_raised(blocker));
}

// A person's time and what others worked out, on this tree or in a packet, are not undone by an
// edit; all else looks at the tree.
bool depends_on_tree(const PlanStep& step) {
  if (step.kind == StepKind::wait) return false;
  return !(step.kind == StepKind::external && step.writes_tree) && !step.is_packet();
}

bool is_stale(const PlanStep& step, const StepState& state, const Tree& now) {
  if (state.status != StepStatus::passed || !depends_on_tree(step)) return false;
  if (step.inputs.empty() || state.inputs.empty()) return true;
  return digest_of(now, step.inputs).hex() != state.inputs;
}

bool is_work_of_an_agent(const Journal& journal) {
  for (std::size_t i = 0; i < journal.plan().steps.size(); ++i) {
    const PlanStep& step = journal.plan().steps[i];
    if (step.kind == StepKind::external && step.writes_tree &&
        journal.state().steps[i].status == StepStatus::waiting) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string change_owed_by(const PlanStep& step, const StepState& state) {
  if (!step.writes_tree) return "";
  const bool has_come_to_no_end =
      state.status == StepStatus::running || state.status == StepStatus::waiting;
  const bool is_owed =
      has_come_to_no_end || state.failure == kScopeFailure || state.failure == kInterrupted;
  return is_owed ? state.tree_before : "";
}

std::string process_token(RunId run, std::string_view step, std::uint32_t attempt) {
  return run.text() + "/" + std::string(step) + "/" + std::to_string(attempt);
}

Result<void> recover_interrupted(const EngineDeps& deps, Journal& journal) {
  const RunId run = journal.state().run.id;
  for (std::size_t i = 0; i < journal.plan().steps.size(); ++i) {
    const PlanStep& step = journal.plan().steps[i];
    const StepState state = journal.state().steps[i];
    if (state.status != StepStatus::running) continue;
    WRIT_TRY(const auto process,
             deps.journal.store.read([&](store::Tx& tx) { return read_process(tx, run, i); }));
    WRIT_CHECK(deps.end_orphans(process_token(run, step.path, state.attempt),
                                process ? process->pid : 0, process ? process->start_ticks : 0));
    if (step.is_repeatable) {
      WRIT_CHECK(journal.stage(
          step_reopened(step.path, "its attempt was interrupted", change_owed_by(step, state))));
    } else {
      WRIT_CHECK(block_interrupted(journal, step, state.attempt));
    }
  }
  return {};
}

Result<void> reopen_for_another_try(Journal& journal) {
  for (std::size_t i = 0; i < journal.plan().steps.size(); ++i) {
    const PlanStep& step = journal.plan().steps[i];
    const StepState& state = journal.state().steps[i];
    const std::string owed = change_owed_by(step, state);
    if (state.status == StepStatus::failed || state.status == StepStatus::shut) {
      WRIT_CHECK(journal.stage(step_reopened(step.path, "tried again on resume", owed)));
    } else if (state.status == StepStatus::blocked) {
      const Blocker* blocker = journal.state().open_blocker(step.path);
      const bool clears_itself =
          blocker == nullptr || blocker->kind == protocol::BlockerKind::FIX_REQUIRED;
      if (!clears_itself) continue;
      WRIT_CHECK(journal.stage(step_reopened(step.path, "checked again on resume", owed)));
    }
  }
  return {};
}

Result<void> reconcile_tree(Journal& journal, const Tree& now) {
  const std::string seen = now.digest.hex();
  if (journal.state().run.tree == seen) return {};
  const bool was_known = !journal.state().run.tree.empty();
  if (was_known && !is_work_of_an_agent(journal)) {
    for (std::size_t i = 0; i < journal.plan().steps.size(); ++i) {
      const PlanStep& step = journal.plan().steps[i];
      if (!is_stale(step, journal.state().steps[i], now)) continue;
      WRIT_CHECK(journal.stage(step_reopened(step.path, "the tree was edited since it passed")));
    }
  }
  return journal.stage(tree_observed(seen));
}

}  // namespace writ::execution
