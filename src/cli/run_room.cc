#include "cli/run_room.h"

#include "base/safe_path.h"
#include "cli/version.h"
#include "protocol/load.h"

namespace writ::cli {

Result<std::unique_ptr<RunRoom>> RunRoom::open(const Wiring& wiring, Project& project,
                                               const protocol::Plan& plan,
                                               const repo::CommitId& base,
                                               execution::Progress& progress) {
  WRIT_TRY(repo::Repo repo, repo::Repo::open(project.paths().root));
  WRIT_TRY(identity::Trust trust, project.trust_at(base));
  WRIT_TRY(crypto::SecretKey runner, project.runner_key());
  std::unique_ptr<RunRoom> room(new RunRoom(wiring, project, std::move(repo), base,
                                            std::move(trust), std::move(runner), plan.scope.outputs,
                                            progress));
  WRIT_CHECK(
      room->authority_.require(identity::Act::run, room->runner_.id(), "", wiring.clock.wall()));
  return room;
}

RunRoom::RunRoom(const Wiring& wiring, Project& project, repo::Repo repo, repo::CommitId base,
                 identity::Trust trust, crypto::SecretKey runner, std::vector<std::string> outputs,
                 execution::Progress& progress)
    : wiring_(wiring),
      project_(project),
      repo_(std::move(repo)),
      base_(std::move(base)),
      trust_(std::move(trust)),
      runner_(std::move(runner)),
      authority_(trust_, runner_.public_key()),
      workspace_(repo_, std::move(outputs)),
      progress_(progress) {
  executors_ =
      wiring.make_executors({authority_,
                             {project.paths().writ()},
                             [this](RunId child, std::string_view spec, std::stop_token stop) {
                               return drive_child(child, spec, stop);
                             }});
  const execution::JournalDeps journal = project.journal_deps(runner_.id());
  attestor_ =
      std::make_unique<execution::RunAttestor>(journal, runner_, trust_, std::string(kVersion));
  engine_ = std::make_unique<execution::Engine>(execution::EngineDeps{journal,
                                                                      workspace_,
                                                                      executors_->table(),
                                                                      wiring.random,
                                                                      *attestor_,
                                                                      progress,
                                                                      wiring.end_orphans,
                                                                      {}});
}

execution::RunBinding RunRoom::binding() const {
  return {base_.hex, trust_.digest().hex(), trust_.is_self_signed(), runner_.id().hex, {}};
}

// A child run has the parent's base and trust, and a room of its own: its outputs are its own.
Result<executors::ChildRun> RunRoom::drive_child(RunId first, std::string_view spec,
                                                 std::stop_token stop) {
  WRIT_TRY(const auto path, join_inside(project_.paths().root, spec));
  WRIT_TRY(protocol::Plan plan, protocol::load_plan(path, {project_.paths().root, {}}));
  plan.spec_file = spec;
  WRIT_TRY(const auto room, open(wiring_, project_, plan, base_, progress_));
  WRIT_TRY(const RunId child, settle_child(*room, first, std::move(plan)));
  WRIT_TRY(execution::Standing standing, room->engine().drive(child, stop));
  return executors::ChildRun{child, std::move(standing)};
}

// The first of the children, one after the other, that still speaks for the tree and the spec as
// they are: one that goes on, or was attested on this very tree. Where there is none, a new one.
Result<RunId> RunRoom::settle_child(RunRoom& room, RunId first, protocol::Plan plan) {
  WRIT_TRY(const execution::Tree tree, room.workspace_.tree());
  const std::string digest = plan.digest();
  for (RunId child = first;; child = RunId{Uuid::v5(child.uuid, "next")}) {
    const auto known = execution::Journal::open(project_.journal_deps(runner_.id()), child);
    if (!known && known.error().code != Code::not_found) return std::unexpected(known.error());
    if (!known) return room.engine().start(std::move(plan), room.binding(), child);
    const execution::RunRow& row = known->state().run;
    const bool is_good =
        row.status == execution::RunStatus::active ||
        (row.status == execution::RunStatus::attested && row.tree == tree.digest.hex());
    if (is_good && row.plan == digest) return child;
  }
}

}  // namespace writ::cli
