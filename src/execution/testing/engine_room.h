#pragma once
// An engine on a memory store with a tree and executors under the test's hand. The store, ledger
// and journal are the real ones.
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "base/testing/temporary_directory.h"
#include "evidence/archive.h"
#include "execution/engine.h"
#include "execution/testing/fixed_workspace.h"
#include "ledger/ledger.h"
#include "store/directory/directory_blob_store.h"
#include "store/memory/memory_store.h"

namespace writ::execution {

// Does what the test wrote for a step's path; passes where nothing was written.
class ScriptedExecutor final : public StepExecutor {
 public:
  using Script = std::function<Result<StepResult>(const StepContext&)>;
  std::map<std::string, Script> scripts;
  // Paths of steps that work until they are told to stop; `ran` names them when they have.
  std::set<std::string> until_stopped;

  Result<StepResult> execute(const StepContext& context, std::stop_token stop) override {
    const bool works_on = until_stopped.contains(context.step.path);
    if (works_on) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      stopped.wait(lock, stop, [] { return false; });
    }
    {
      const std::lock_guard lock(mutex_);
      ran_.push_back(context.step.path + "#" + std::to_string(context.attempt));
    }
    if (works_on) return fail(Code::cancelled, "told to stop");
    const auto script = scripts.find(context.step.path);
    return script == scripts.end() ? Result<StepResult>(StepResult{}) : script->second(context);
  }
  // "path#attempt", in order.
  std::vector<std::string> ran() const {
    const std::lock_guard lock(mutex_);
    return ran_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ran_;
};

// Attests whatever it is given: its envelope is the run's id.
class SimpleAttestor final : public Attestor {
 public:
  explicit SimpleAttestor(store::BlobStore& blobs) : blobs_(blobs) {}
  std::string unproved;  // set: nothing is attested
  Result<Attestation> attest(const Journal& journal, const Tree&) override {
    if (!unproved.empty()) return Attestation{std::nullopt, {}, unproved};
    WRIT_TRY(const store::BlobRef blob, blobs_.put(journal.state().run.id.text()));
    return Attestation{blob, {}, ""};
  }

 private:
  store::BlobStore& blobs_;
};

// What watchers were told of steps, a line each.
class ToldProgress final : public Progress {
 public:
  std::vector<std::string> told;
  void run_opened(const protocol::Plan&, const RunState&) override {}
  void step_started(const protocol::PlanStep& step, std::size_t, const StepState& state) override {
    told.push_back("started " + step.path + "#" + std::to_string(state.attempt));
  }
  void step_output(const protocol::PlanStep&, std::string_view) override {}
  void step_reopened(const protocol::PlanStep& step, std::string_view reason) override {
    told.push_back("reopened " + step.path + ": " + std::string(reason));
  }
  void step_ended(const StepEnd& end) override {
    told.push_back(std::string(status_name(end.state.status)) + " " + end.step.path);
  }
  void run_ended(const protocol::Plan&, const RunState&, const Standing&) override {}
};

struct EngineRoom {
  FakeClock clock;
  FakeRandom random;
  TemporaryDirectory directory;
  std::unique_ptr<store::Store> store = store::make_memory_store(clock);
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;
  FixedWorkspace workspace;
  ScriptedExecutor executor;
  std::unique_ptr<SimpleAttestor> attestor;
  QuietProgress quiet;
  Progress* progress = &quiet;       // borrowed
  std::vector<std::string> orphans;  // tokens that were looked for
  EngineOptions options;

  EngineRoom() {
    std::vector<store::Migration> migrations = ledger::ledger_migrations();
    for (auto&& more :
         {store::blob_migrations(), evidence::evidence_migrations(), execution_migrations()}) {
      migrations.insert(migrations.end(), more.begin(), more.end());
    }
    WRIT_ASSERT(store->migrate(migrations, store::DryRun::no).has_value());
    blobs = *store::open_directory_blob_store(directory.path() / "blobs", clock);
    ledger::LedgerOptions log;
    log.origin = "writ.local/test";
    ledger = *ledger::Ledger::open(*store, clock, random, log);
    attestor = std::make_unique<SimpleAttestor>(*blobs);
    workspace.set("src/a.cc", "int a;");
    workspace.freeze_base();
  }

  JournalDeps journal_deps() {
    return {*store, *blobs, *ledger, clock, "writ:project/test", "key:test"};
  }
  Engine engine() {
    Executors table;
    for (StepExecutor*& slot : table.table) slot = &executor;
    return Engine({journal_deps(), workspace, table, random, *attestor, *progress,
                   [this](const std::string& token, int, std::uint64_t) -> Result<std::size_t> {
                     orphans.push_back(token);
                     return std::size_t{0};
                   },
                   options});
  }
  RunState state_of(RunId run) { return Journal::open(journal_deps(), run)->state(); }
};

// One step that needs the one before it.
inline protocol::PlanStep step_named(std::string path) {
  protocol::PlanStep step;
  step.path = std::move(path);
  step.stage = "implement";
  step.writes_tree = true;
  step.origin.document = "spec";
  return step;
}

inline protocol::Plan plan_of(std::vector<protocol::PlanStep> steps, bool is_sequence = true) {
  protocol::Plan plan;
  plan.spec_id = "test";
  plan.spec_file = "spec.yaml";
  plan.spec_digest = crypto::sha256("spec").hex();
  for (std::size_t i = 0; is_sequence && i + 1 < steps.size(); ++i) {
    steps[i + 1].needs.push_back(steps[i].path);
  }
  plan.steps = std::move(steps);
  return plan;
}

}  // namespace writ::execution
