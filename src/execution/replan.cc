#include "execution/replan.h"

#include <map>
#include <set>

#include "execution/lease.h"

namespace writ::execution {
namespace {

// Steps of `plan`, in order, that passed in the old run and are defined as they were.
std::vector<std::pair<std::string, StepState>> adoptable(const Journal& old_run,
                                                         const protocol::Plan& plan) {
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < old_run.plan().steps.size(); ++i) {
    known.emplace(old_run.plan().steps[i].path, i);
  }
  std::set<std::string_view> adopted;
  std::vector<std::pair<std::string, StepState>> out;
  for (const protocol::PlanStep& step : plan.steps) {
    const auto at = known.find(step.path);
    if (at == known.end()) continue;
    const StepState& state = old_run.state().steps[at->second];
    bool may_adopt =
        state.status == StepStatus::passed &&
        protocol::step_digest(step) == protocol::step_digest(old_run.plan().steps[at->second]);
    for (const std::string& need : step.needs) may_adopt = may_adopt && adopted.contains(need);
    if (!may_adopt) continue;
    adopted.insert(step.path);
    out.emplace_back(step.path, state);
  }
  return out;
}

// The evidence moves along under the new run's name: gates there see it as they did before.
Result<Attachments> evidence_of(const Journal& old_run, RunId new_run,
                                std::vector<std::pair<std::string, StepState>>& steps) {
  WRIT_TRY(const std::vector<evidence::Record> records, old_run.evidence());
  Attachments out;
  for (auto& [path, state] : steps) {
    const std::uint32_t attempt = state.attempt;
    state.evidence.clear();
    for (const evidence::Record& record : records) {
      if (record.step != path || record.attempt != attempt) continue;
      evidence::Record copy = record;
      copy.run = new_run;
      copy.id = evidence::make_evidence_id(new_run, path, attempt, copy.kind, copy.name);
      state.evidence.push_back({copy.id, copy.digest().hex()});
      out.records.push_back(std::move(copy));
    }
  }
  return out;
}

// One commit: no crash leaves two active runs of one spec, or none.
Result<RunId> take_over(const JournalDeps& deps, Engine& engine, Lease& lease, protocol::Plan plan,
                        RunBinding binding, std::optional<RunId> id) {
  const RunId old_id = lease.run;
  WRIT_TRY(Journal old_run, Journal::open(deps, old_id));
  if (old_run.state().run.status != RunStatus::active) {
    return fail(Code::conflict, "run " + old_id.text() + " has ended");
  }
  if (old_run.state().run.plan == plan.digest()) {
    return fail(Code::conflict, "the plan has not changed", "`writ resume` goes on under it");
  }
  auto steps = adoptable(old_run, plan);
  binding.supersedes = old_id;
  binding.deferrals = open_deferrals(old_run.state().run);
  WRIT_TRY(Journal new_run, engine.prepare(std::move(plan), binding, id));
  const RunId new_id = new_run.state().run.id;
  WRIT_TRY(Attachments evidence, evidence_of(old_run, new_id, steps));
  for (const auto& [path, state] : steps) {
    WRIT_CHECK(new_run.stage(step_adopted(path, old_id, state)));
  }
  // The adopted evidence is of the tree that the old run saw; an edit since then reopens it.
  WRIT_CHECK(new_run.stage(tree_observed(old_run.state().run.tree)));
  new_run.attach(std::move(evidence));
  WRIT_CHECK(old_run.stage(run_ended(RunStatus::superseded, "", new_id)));
  WRIT_CHECK(Journal::flush_together(old_run, new_run, &lease));
  return new_id;
}

}  // namespace

Result<RunId> supersede(const JournalDeps& deps, Engine& engine, RunId old_run, protocol::Plan plan,
                        RunBinding binding, std::optional<RunId> id) {
  WRIT_TRY(Lease lease, acquire_lease(deps.store, old_run, this_process()));
  Result<RunId> new_run = take_over(deps, engine, lease, std::move(plan), std::move(binding), id);
  const Result<void> released = release_lease(deps.store, lease);
  if (new_run && !released) return std::unexpected(released.error());
  return new_run;
}

}  // namespace writ::execution
