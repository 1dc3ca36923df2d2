// Durable no-op steps, in sequence and many runs at once, beside the floor: bare SQLite
// transactions of the same shape (the same number of rows of the same sizes, one sync each).
//
//   execution_bench [steps] [directory]
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "evidence/archive.h"
#include "execution/engine.h"
#include "execution/testing/fixed_workspace.h"
#include "ledger/ledger.h"
#include "store/directory/directory_blob_store.h"
#include "store/open.h"

namespace writ::execution {
namespace {

namespace fs = std::filesystem;

constexpr int kRunsAtOnce = 64;
constexpr int kRounds = 3;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "execution_bench: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class Place {
 public:
  explicit Place(const fs::path& parent) {
    std::string pattern = (parent / "execution_bench_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot make a directory in " + pattern);
    path_ = pattern;
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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

// A whole engine on SQLite in a directory of its own.
struct Room {
  explicit Room(const fs::path& parent) : place(parent) {
    store = must(store::open("sqlite:" + (place.path() / "writ.db").string()));
    std::vector<store::Migration> all = ledger::ledger_migrations();
    for (auto&& more :
         {store::blob_migrations(), evidence::evidence_migrations(), execution_migrations()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    must(store->migrate(all, store::DryRun::no));
    blobs = must(store::open_directory_blob_store(place.path() / "blobs", clock));
    ledger::LedgerOptions options;
    options.origin = "bench.example/log";
    ledger = must(ledger::Ledger::open(*store, clock, random, options));
    workspace.set("a", "b");
  }
  Engine engine() {
    Executors table;
    for (StepExecutor*& slot : table.table) slot = &executor;
    return Engine({{*store, *blobs, *ledger, clock, "writ:project/bench", "key:bench"},
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

  Place place;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;
  FixedWorkspace workspace;
  NoOp executor;
  NoAttestor attestor;
  QuietProgress progress;
};

struct Rate {
  double steps_per_second = 0;
  double steps_per_sync = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Rate drive_runs(const fs::path& parent, int runs, int steps) {
  Room room(parent);
  Engine engine = room.engine();
  std::vector<RunId> ids;
  for (int i = 0; i < runs; ++i) {
    ids.push_back(must(engine.start(plan_of(steps), {"base", "trust", false, "bench", {}})));
  }
  const std::uint64_t before = room.store->stats().commits;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::jthread> drivers;
  for (const RunId id : ids) drivers.emplace_back([&engine, id] { must(engine.drive(id, {})); });
  drivers.clear();
  const double seconds = seconds_since(start);
  const double total = static_cast<double>(runs) * steps;
  return {total / seconds, total / static_cast<double>(room.store->stats().commits - before)};
}

// What one step's commit writes: head, run, two steps, two events with their keys.
constexpr std::size_t kRowBytes[] = {8, 420, 260, 260, 420, 420, 16, 16};

double bare_sqlite(const fs::path& parent, int steps) {
  const Place place(parent);
  sqlite3* db = nullptr;
  const std::string file = (place.path() / "bare.db").string();
  if (sqlite3_open(file.c_str(), &db) != SQLITE_OK) give_up("cannot open " + file);
  const auto run = [&](const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
  };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE t (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
  sqlite3_stmt* put = nullptr;
  sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO t VALUES (?, ?)", -1, &put, nullptr);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) {
    run("BEGIN IMMEDIATE");
    for (std::size_t row = 0; row < std::size(kRowBytes); ++row) {
      // The run's own rows are replaced, those of steps and events are new.
      const std::string key =
          std::to_string(row) + (row < 2 ? std::string() : "/" + std::to_string(i));
      const std::string value(kRowBytes[row], 'x');
      sqlite3_bind_blob64(put, 1, key.data(), key.size(), SQLITE_STATIC);
      sqlite3_bind_blob64(put, 2, value.data(), value.size(), SQLITE_STATIC);
      if (sqlite3_step(put) != SQLITE_DONE) give_up(sqlite3_errmsg(db));
      sqlite3_reset(put);
    }
    run("COMMIT");
  }
  const double seconds = seconds_since(start);
  sqlite3_finalize(put);
  sqlite3_close(db);
  return steps / seconds;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void report(int steps, const fs::path& parent) {
  std::vector<double> floors;
  std::vector<double> ours;
  std::vector<double> per_sync;
  std::vector<double> many;
  std::vector<double> many_per_sync;
  for (int round = 0; round < kRounds; ++round) {
    floors.push_back(bare_sqlite(parent, steps));
    const Rate one = drive_runs(parent, 1, steps);
    ours.push_back(one.steps_per_second);
    per_sync.push_back(one.steps_per_sync);
    const Rate all = drive_runs(parent, kRunsAtOnce, std::max(steps / 10, 10));
    many.push_back(all.steps_per_second);
    many_per_sync.push_back(all.steps_per_sync);
  }
  std::printf("durable no-op steps, medians of %d rounds\n", kRounds);
  std::printf("  floor, bare SQLite       %9.0f /s\n", median(floors));
  std::printf("  ours, 1 run of %-5d     %9.0f /s   ratio %.2f (budget 0.70)   %.2f steps a sync\n",
              steps, median(ours), median(ours) / median(floors), median(per_sync));
  std::printf(
      "  ours, %d runs at once    %9.0f /s   budget 10,000   %.1f steps a sync (budget 32)\n",
      kRunsAtOnce, median(many), median(many_per_sync));
}

}  // namespace
}  // namespace writ::execution

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 1000;
  const std::filesystem::path parent = argc > 2 ? argv[2] : ".";
  writ::execution::report(steps > 0 ? steps : 1000, parent);
  return 0;
}
