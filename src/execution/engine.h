#pragma once
// Drives runs: leases them, starts what is ready, judges what comes back, and makes every change
// durable before anything depends on it. The completion of a step and the intent of the next ride
// in one commit, so a sequence of steps costs one sync each.
//
// The duplicate window: an attempt whose `writ.step.started` is durable and whose completion is
// not may run again after a crash, with the same idempotency key and the next attempt number; a
// step that is not repeatable becomes a blocker instead. Nothing else ever runs twice.
//
// One Engine per process is enough; `drive` may be called for several runs from several threads.
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "execution/journal.h"
#include "execution/outcome.h"
#include "execution/progress.h"
#include "execution/run_shelf.h"
#include "execution/step_executor.h"
#include "execution/step_slots.h"
#include "execution/workspace.h"
#include "protocol/plan.h"

namespace writ::execution {

class RunNews;

struct EngineOptions {
  std::size_t max_parallel = 2;
  // Waits up to this long are sat out; longer ones end the drive as `waiting`.
  Duration foreground_wait{60'000};
  // How long a drive stays with a run that waits for somebody's word, counted from the last one:
  // who hands in one step may hand in the next at once. It keeps the run's lease for as long.
  Duration patience{0};
  // What all drives of a process share, borrowed; nullptr: this drive's own bound is the only one.
  StepSlots* slots = nullptr;
  // Likewise, what wakes those that wait; nullptr: each looks for itself.
  RunNews* news = nullptr;
};

// Signs the final attestation of a run whose steps have all passed. Implemented by attest.h.
class Attestor {
 public:
  virtual ~Attestor() = default;
  // Either the digest of the stored envelope, or what is not proved.
  struct Attestation {
    std::optional<store::BlobRef> envelope;
    std::vector<DecisionRecord> decisions;  // one per named check and question
    std::string unproved;                   // the first one that is shut, and why
  };
  virtual Result<Attestation> attest(const Journal& journal, const Tree& tree) = 0;
};

// Ends what a dead attempt left running: process::end_orphans, passed in from above.
using OrphanReaper = std::function<Result<std::size_t>(const std::string& token, int pid,
                                                       std::uint64_t start_ticks)>;

struct EngineDeps {
  JournalDeps journal;
  Workspace& workspace;
  Executors executors;
  Random& random;
  Attestor& attestor;
  Progress& progress;
  OrphanReaper end_orphans;
  EngineOptions options;
};

// What a new run is bound to, beside its plan.
struct RunBinding {
  std::string base;   // commit
  std::string trust;  // hex digest
  bool is_self_signed = false;
  std::string runner;  // key id
  std::optional<RunId> supersedes;
  std::vector<Deferral> deferrals = {};  // still open in an earlier run of the spec
  std::optional<RunId> parent = {};
  std::string worktree = {};  // of a packet; empty: the repository's root
};

class Engine {
 public:
  explicit Engine(EngineDeps deps) : deps_(std::move(deps)), shelf_(std::make_unique<RunShelf>()) {
    if (deps_.journal.shelf == nullptr) deps_.journal.shelf = shelf_.get();
  }

  // A new run, staged: it is there once the journal is flushed. `id` is chosen by the caller where
  // it must be deterministic (child runs), else made.
  Result<Journal> prepare(protocol::Plan plan, const RunBinding& binding,
                          std::optional<RunId> id = std::nullopt);
  // Makes the run durable; nothing of it has run yet.
  Result<RunId> start(protocol::Plan plan, const RunBinding& binding,
                      std::optional<RunId> id = std::nullopt);

  // Runs until nothing can go on by itself. First recovers what a crash left (orphans ended,
  // interrupted attempts reopened), reopens what was failed, shut or fixable, and what an edited
  // tree made stale. Blocking. `cancelled` when `stop` is asked for: the running steps are ended
  // and reopened, the run stays resumable.
  Result<Standing> drive(RunId run, std::stop_token stop);

  // Ends the run for good. Errors: unavailable (it is being driven), conflict (it has ended).
  Result<void> cancel(RunId run);

 private:
  EngineDeps deps_;
  std::unique_ptr<RunShelf> shelf_;  // where the caller has none
};

}  // namespace writ::execution
