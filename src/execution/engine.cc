#include "execution/engine.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "execution/drive.h"

namespace writ::execution {
namespace {

// Renews a lease while a step works for longer than the lease lasts. A lost lease is found by the
// next commit; here it only ends the renewing.
class Heartbeat {
 public:
  Heartbeat(store::Store& store, Lease lease)
      : thread_([&store, lease](std::stop_token stop) mutable {
          std::mutex mutex;
          std::condition_variable_any stopped;
          std::unique_lock lock(mutex);
          const auto period = std::chrono::milliseconds(kLeaseTime.count() / 3);
          while (!stopped.wait_for(lock, stop, period, [&] { return stop.stop_requested(); })) {
            const Result<void> held =
                store.write([&](store::Tx& tx) { return hold_lease(tx, lease); });
            if (!held && held.error().code == Code::lease_lost) return;
          }
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace

Result<Journal> Engine::prepare(protocol::Plan plan, const RunBinding& binding,
                                std::optional<RunId> id) {
  RunRow row;
  row.id = id ? *id : RunId{Uuid::v7(deps_.journal.clock, deps_.random)};
  row.spec_id = plan.spec_id;
  row.spec_file = plan.spec_file;
  row.spec_digest = plan.spec_digest;
  row.plan = plan.digest();
  row.base = binding.base;
  row.worktree = binding.worktree;
  row.parent = binding.parent;
  row.trust = binding.trust;
  row.is_self_signed = binding.is_self_signed;
  row.runner = binding.runner;
  row.created = deps_.journal.clock.wall();
  row.supersedes = binding.supersedes;
  row.deferrals = binding.deferrals;
  WRIT_TRY(const Tree tree, deps_.workspace.tree());
  row.tree = tree.digest.hex();
  WRIT_TRY(Journal journal, Journal::create(deps_.journal, std::move(plan), row));
  for (const protocol::ComposedRule& rule : journal.plan().rules) {
    if (!rule.overrode.empty()) WRIT_CHECK(journal.stage(rule_overridden(rule)));
  }
  return journal;
}

Result<RunId> Engine::start(protocol::Plan plan, const RunBinding& binding,
                            std::optional<RunId> id) {
  WRIT_TRY(Journal journal, prepare(std::move(plan), binding, id));
  WRIT_CHECK(journal.flush());
  return journal.state().run.id;
}

Result<Standing> Engine::drive(RunId run, std::stop_token stop) {
  WRIT_TRY(Lease lease, acquire_lease(deps_.journal.store, run, this_process()));
  std::optional<Drive> drive;
  Result<Standing> standing = [&]() -> Result<Standing> {
    const Heartbeat heartbeat(deps_.journal.store, lease);
    WRIT_TRY(Journal journal, Journal::open(deps_.journal, run));
    return drive.emplace(deps_, std::move(journal), lease).run(stop);
  }();
  const Result<void> released = release_lease(deps_.journal.store, lease);
  if (standing && !released) return std::unexpected(released.error());
  if (standing && drive) {
    standing->seen = drive->journal().state().run.next_seq;
    deps_.progress.run_ended(drive->journal().plan(), drive->journal().state(), *standing);
  }
  return standing;
}

Result<void> Engine::cancel(RunId run) {
  WRIT_TRY(Lease lease, acquire_lease(deps_.journal.store, run, this_process()));
  const Result<void> cancelled = [&]() -> Result<void> {
    WRIT_TRY(Journal journal, Journal::open(deps_.journal, run));
    if (journal.state().run.status != RunStatus::active) {
      return fail(Code::conflict, "run " + run.text() + " has ended: it is " +
                                      std::string(status_name(journal.state().run.status)));
    }
    WRIT_CHECK(journal.stage(run_ended(RunStatus::cancelled, "", std::nullopt)));
    return journal.flush(&lease);
  }();
  const Result<void> released = release_lease(deps_.journal.store, lease);
  return cancelled ? released : cancelled;
}

}  // namespace writ::execution
