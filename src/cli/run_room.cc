#include "cli/run_room.h"

#include "base/safe_path.h"
#include "cli/packet.h"
#include "cli/version.h"
#include "protocol/load.h"

namespace writ::cli {

Result<std::unique_ptr<RunRoom>> RunRoom::open(const Wiring& wiring, Project& project,
                                               const protocol::Plan& plan, Place place,
                                               execution::Progress& progress,
                                               const execution::EngineOptions& options) {
  WRIT_TRY(repo::Repo repo, project.open_tree(place.worktree));
  WRIT_TRY(identity::Trust trust, project.trust_at(place.base));
  WRIT_TRY(crypto::SecretKey runner, project.runner_key());
  std::unique_ptr<RunRoom> room(new RunRoom(wiring, project, std::move(repo), std::move(place),
                                            std::move(trust), std::move(runner), plan.scope.outputs,
                                            progress, options));
  WRIT_CHECK(
      room->authority_.require(identity::Act::run, room->runner_.id(), "", wiring.clock.wall()));
  return room;
}

RunRoom::RunRoom(const Wiring& wiring, Project& project, repo::Repo repo, Place place,
                 identity::Trust trust, crypto::SecretKey runner, std::vector<std::string> outputs,
                 execution::Progress& progress, const execution::EngineOptions& options)
    : wiring_(wiring),
      project_(project),
      repo_(std::move(repo)),
      place_(std::move(place)),
      outputs_(std::move(outputs)),
      trust_(std::move(trust)),
      runner_(std::move(runner)),
      authority_(trust_, runner_.public_key()),
      workspace_(repo_, outputs_),
      progress_(progress),
      options_(options) {
  executors_ =
      wiring.make_executors({authority_,
                             {project.paths().writ()},
                             [this](const executors::ChildOrder& order, std::stop_token stop) {
                               return drive_child(order, stop);
                             }});
  const execution::JournalDeps journal = project.journal_deps(runner_.id());
  attestor_ =
      std::make_unique<execution::RunAttestor>(journal, runner_, trust_, std::string(kVersion));
  engine_ = std::make_unique<execution::Engine>(
      execution::EngineDeps{journal, workspace_, executors_->table(), wiring.random, *attestor_,
                            progress, wiring.end_orphans, options_});
}

execution::RunBinding RunRoom::binding() const {
  execution::RunBinding binding;
  binding.base = place_.base.hex;
  binding.worktree = place_.worktree;
  binding.trust = trust_.digest().hex();
  binding.is_self_signed = trust_.is_self_signed();
  binding.runner = runner_.id().hex;
  return binding;
}

Result<execution::Standing> RunRoom::drive(RunId run, std::stop_token stop) {
  WRIT_TRY(execution::Standing standing, engine_->drive(run, stop));
  if (standing.outcome == execution::Outcome::attested) WRIT_CHECK(remove_packet_trees(run));
  return standing;
}

// A child run has the parent's trust, and a room of its own: its outputs are its own, and a packet
// has its own tree too.
Result<executors::ChildRun> RunRoom::drive_child(const executors::ChildOrder& order,
                                                 std::stop_token stop) {
  WRIT_TRY(Place place, place_of_child(order));
  const std::filesystem::path root = project_.paths().tree(place.worktree);
  WRIT_TRY(const auto path, join_inside(root, order.spec));
  WRIT_TRY(protocol::Plan plan, protocol::load_plan(path, {root, {}}));
  if (order.is_packet && order.is_under_sequential_law && !plan.scope.sequential) {
    return fail(
        Code::not_permitted,
        "the law here is sequential, and no law makes packet " + std::string(order.spec) + " so",
        "Name a sequential protocol in the packet's spec too");
  }
  plan.spec_file = order.spec;
  // Its words are waited for by the parent's next drive.
  const execution::EngineOptions options{.slots = options_.slots};
  WRIT_TRY(const auto room, open(wiring_, project_, plan, std::move(place), progress_, options));
  WRIT_TRY(const RunId run, settle_child(*room, order, std::move(plan)));
  executors::ChildRun child{run, {}, room->place_.worktree, {}, {}};
  WRIT_TRY(child.standing, room->drive(run, stop));
  const bool has_ended = child.standing.outcome == execution::Outcome::attested;
  if (order.is_packet && has_ended) WRIT_CHECK(bring_back(*room, child));
  return child;
}

Result<RunRoom::Place> RunRoom::place_of_child(const executors::ChildOrder& order) {
  if (!order.is_packet) return place_;
  const std::lock_guard lock(packets_);
  WRIT_TRY(PacketTree tree,
           open_packet_tree(project_, order.first, repo_.root(), place_.base, outputs_));
  return Place{std::move(tree.base), std::move(tree.worktree)};
}

// Repositories opened anew: those of the rooms belong to their workspaces.
Result<void> RunRoom::bring_back(const RunRoom& packet, executors::ChildRun& child) {
  const std::lock_guard lock(packets_);
  WRIT_TRY(const repo::Repo from, repo::Repo::open(packet.repo_.root()));
  WRIT_TRY(const repo::Repo into, repo::Repo::open(repo_.root()));
  WRIT_TRY(auto brought, into.bring_back(from, packet.place_.base, packet.outputs_));
  child.brought = std::move(brought.paths);
  child.conflicts = std::move(brought.conflicts);
  return {};
}

Result<void> RunRoom::remove_packet_trees(RunId run) {
  WRIT_TRY(const auto journal, execution::Journal::open(project_.journal_deps(runner_.id()), run));
  for (const protocol::PlanStep& step : journal.plan().steps) {
    if (!step.is_packet()) continue;
    WRIT_CHECK(remove_packet_tree(project_, executors::first_child(run, step.path)));
  }
  return {};
}

// The first of the children, one after the other, that still speaks for the tree and the spec as
// they are: one that goes on, or was attested on this very tree. Where there is none, a new one.
Result<RunId> RunRoom::settle_child(RunRoom& room, const executors::ChildOrder& order,
                                    protocol::Plan plan) {
  execution::RunBinding binding = room.binding();
  binding.parent = order.parent;
  WRIT_TRY(const execution::Tree tree, room.workspace_.tree());
  const std::string digest = plan.digest();
  for (RunId child = order.first;; child = RunId{Uuid::v5(child.uuid, "next")}) {
    const auto known = execution::Journal::open(project_.journal_deps(runner_.id()), child);
    if (!known && known.error().code != Code::not_found) return std::unexpected(known.error());
    if (!known) return room.engine().start(std::move(plan), binding, child);
    const execution::RunRow& row = known->state().run;
    const bool is_good =
        row.status == execution::RunStatus::active ||
        (row.status == execution::RunStatus::attested && row.tree == tree.digest.hex());
    if (is_good && row.plan == digest) return child;
  }
}

}  // namespace writ::cli
