// Durable no-op steps, in sequence and many runs at once, beside the floor: the same rows written
// by bare SQLite in transactions of the same shape.
//
//   execution_bench [steps] [directory] [all | one | many]
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "bare_sqlite.h"
#include "base/clock.h"
#include "base/random.h"
#include "bench.h"
#include "evidence/archive.h"
#include "execution/engine.h"
#include "execution/testing/fixed_workspace.h"
#include "ledger/ledger.h"
#include "store/directory/directory_blob_store.h"
#include "store/open.h"

namespace {
std::atomic<std::uint64_t> syncs_asked = 0;
}

// Stands before the C library's, so that syncs are counted where they are asked of the kernel:
// those of checkpoints too.
extern "C" int fdatasync(int fd) {
  ++syncs_asked;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace writ::execution {
namespace {

using namespace writ::bench;
namespace fs = std::filesystem;

constexpr int kRunsAtOnce = 64;
constexpr int kRounds = 5;

class NoOp final : public StepExecutor {
 public:
  Result<StepResult> execute(const StepContext&, std::stop_token) override { return StepResult{}; }
};

class NoAttestor final : public Attestor {
 public:
  Result<Attestation> attest(const Journal&, const Tree&) override {
    return Attestation{std::nullopt, {}, "a benchmark attests nothing"};
  }
};

protocol::Plan plan_of(int steps) {
  protocol::Plan plan;
  plan.spec_id = "bench";
  plan.spec_file = "spec.yaml";
  for (int i = 0; i < steps; ++i) {
    protocol::PlanStep step;
    step.path = "main/step-" + std::to_string(i);
    step.stage = "implement";
    if (i > 0) step.needs = {plan.steps.back().path};
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

std::vector<store::Migration> migrations() {
  std::vector<store::Migration> all = ledger::ledger_migrations();
  for (auto&& more :
       {store::blob_migrations(), evidence::evidence_migrations(), execution_migrations()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

// A whole engine on `store`.
struct Room {
  explicit Room(const fs::path& directory, store::Store& on) : store(on) {
    must(store.migrate(migrations(), store::DryRun::no));
    blobs = must(store::open_directory_blob_store(directory / "blobs", clock));
    ledger::LedgerOptions options;
    options.origin = "bench.example/log";
    ledger = must(ledger::Ledger::open(store, clock, random, options));
    workspace.set("a", "b");
  }
  Engine engine() {
    Executors table;
    for (StepExecutor*& slot : table.table) slot = &executor;
    return Engine({{store, *blobs, *ledger, clock, "writ:project/bench", "key:bench"},
                   workspace,
                   table,
                   random,
                   attestor,
                   progress,
                   [](const std::string&, int, std::uint64_t) -> Result<std::size_t> {
                     return std::size_t{0};
                   },
                   {}});
  }

  SystemClock clock;
  SystemRandom random;
  store::Store& store;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;
  FixedWorkspace workspace;
  NoOp executor;
  NoAttestor attestor;
  QuietProgress progress;
};

RunId start(Engine& engine, int steps) {
  return must(engine.start(plan_of(steps), {"base", "trust", false, "bench", {}}));
}

// What a run of `steps` writes, a transaction a step.
std::vector<Transaction> record_run(int steps) {
  const Place place(fs::temp_directory_path());
  const auto forgetful = must(store::open("memory:"));
  must(forgetful->migrate(migrations(), store::DryRun::no));
  RecordingStore recording(*forgetful);
  Room room(place.path(), recording);
  Engine engine = room.engine();
  const RunId run = start(engine, steps);
  recording.forget();
  must(engine.drive(run, {}));
  return recording.transactions();
}

struct Rate {
  double steps_per_second = 0;
  double processor_us = 0;  // a step
  double steps_per_commit = 0;
  double steps_per_sync = 0;
};

Rate drive_runs(const fs::path& parent, int runs, int steps) {
  const Place place(parent);
  const auto store = must(store::open("sqlite:" + (place.path() / "writ.db").string()));
  Room room(place.path(), *store);
  Engine engine = room.engine();
  std::vector<RunId> ids;
  for (int i = 0; i < runs; ++i) ids.push_back(start(engine, steps));
  const std::uint64_t commits = store->stats().commits;
  const std::uint64_t syncs = syncs_asked;
  const Timing timing = time_of([&] {
    std::vector<std::jthread> drivers;
    for (const RunId id : ids) drivers.emplace_back([&engine, id] { must(engine.drive(id, {})); });
  });
  const double total = static_cast<double>(runs) * steps;
  return {total / timing.wall, timing.processor / total * 1e6,
          total / static_cast<double>(store->stats().commits - commits),
          total / static_cast<double>(syncs_asked - syncs)};
}

Rate bare_rate(const fs::path& parent, const std::vector<Transaction>& steps, std::size_t at_once) {
  const Place place(parent);
  BareSqlite bare(place.path() / "bare.db", steps);
  const Timing timing = time_of([&] { bare.replay(steps, 0, steps.size(), at_once); });
  const auto total = static_cast<double>(steps.size());
  return {total / timing.wall, timing.processor / total * 1e6, 0, 0};
}

void print_processor_time(const std::vector<double>& floor_us, const std::vector<double>& our_us) {
  fmt::print("  processor time a step: floor {:.0f} us, ours {:.0f} us\n", median(floor_us),
             median(our_us));
}

void report_sequence(const fs::path& parent, int steps, const std::vector<Transaction>& recorded) {
  std::vector<double> floors, floor_us, ours, our_us, ratios, commits, syncs;
  for (int round = 0; round < kRounds; ++round) {
    const Rate floor = bare_rate(parent, recorded, 1);
    floors.push_back(floor.steps_per_second);
    floor_us.push_back(floor.processor_us);
    const Rate rate = drive_runs(parent, 1, steps);
    ours.push_back(rate.steps_per_second);
    our_us.push_back(rate.processor_us);
    ratios.push_back(ours.back() / floors.back());
    commits.push_back(rate.steps_per_commit);
    syncs.push_back(rate.steps_per_sync);
  }
  std::size_t rows = 0;
  for (const RowWrite& row : recorded[recorded.size() / 2]) rows += row.key.empty() ? 0 : 1;
  fmt::print("one run of {} steps: {} rows a step; a commit for {:.2f} steps, a sync for {:.2f}\n",
             steps, rows, median(commits), median(syncs));
  report({"durable no-op steps, one run in sequence",
          fmt::format("{:.0f} /s, bare SQLite", median(floors)),
          fmt::format("{:.0f} /s", median(ours)), fmt::format("{:.2f}", median(ratios)), ">= 0.70",
          median(ratios) >= 0.7});
  print_processor_time(floor_us, our_us);
  // The first step's start has nothing to ride with, and checkpoints sync too.
  report({"syncs of a step in sequence", "1", fmt::format("{:.2f}", 1 / median(syncs)), "",
          "one, checkpoints aside", median(commits) >= 0.98});
}

void report_many(const fs::path& parent, int steps, const std::vector<Transaction>& recorded) {
  std::vector<double> floors, floor_us, ours, our_us, ratios, syncs;
  for (int round = 0; round < kRounds; ++round) {
    const Rate floor = bare_rate(parent, recorded, kRunsAtOnce);
    floors.push_back(floor.steps_per_second);
    floor_us.push_back(floor.processor_us);
    const Rate rate = drive_runs(parent, kRunsAtOnce, steps);
    ours.push_back(rate.steps_per_second);
    our_us.push_back(rate.processor_us);
    ratios.push_back(ours.back() / floors.back());
    syncs.push_back(rate.steps_per_sync);
  }
  fmt::print("{} runs of {} steps at once\n", kRunsAtOnce, steps);
  print_processor_time(floor_us, our_us);
  report(
      {fmt::format("durable no-op steps, {} runs at once", kRunsAtOnce),
       fmt::format("{:.0f} /s, bare SQLite, {} steps a transaction", median(floors), kRunsAtOnce),
       fmt::format("{:.0f} /s", median(ours)), fmt::format("{:.2f}", median(ratios)),
       ">= 10,000 /s", median(ours) >= 10'000});
  report({fmt::format("steps a sync, {} runs at once", kRunsAtOnce), "",
          fmt::format("{:.1f}", median(syncs)), "", ">= 32", median(syncs) >= 32});
}

}  // namespace
}  // namespace writ::execution

int main(int argc, char** argv) {
  using namespace writ::execution;
  const int steps = argc > 1 ? std::max(std::atoi(argv[1]), 10) : 1000;
  const std::filesystem::path parent = argc > 2 ? argv[2] : ".";
  const std::string what = argc > 3 ? argv[3] : "all";
  const auto recorded = record_run(steps);
  fmt::print("durable no-op steps, medians of {} rounds\n", kRounds);
  if (what != "many") report_sequence(parent, steps, recorded);
  if (what != "one") report_many(parent, std::max(steps / 10, 10), recorded);
  return 0;
}
