// The store's overhead: a durable step against a bare SQLite transaction of the same shape and
// against append + fdatasync, on one disk, one right after the other.
//
//   store_bench [directory] [steps]
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "store/key.h"
#include "store/open.h"
#include "store/store.h"

namespace {

using namespace writ;
using namespace writ::store;
namespace fs = std::filesystem;

// What a durable no-op step writes: its own row replaced, an event appended, read before.
constexpr Table kSteps{"bench_steps"};
constexpr Table kEvents{"bench_events"};
constexpr std::size_t kStepBytes = 200;
constexpr std::size_t kEventBytes = 500;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "store_bench: {}\n", why);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double sync_floor(const fs::path& directory, int steps) {
  const int fd = ::open((directory / "floor").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const std::string bytes(256, 'x');
  const double taken = seconds_of([&] {
    for (int i = 0; i < steps; ++i) {
      if (::write(fd, bytes.data(), bytes.size()) < 0 || ::fdatasync(fd) != 0) give_up("sync");
    }
  });
  ::close(fd);
  return steps / taken;
}

// SQLite's C API, prepared statements, the same tables, settings and statements as ours.
class Bare {
 public:
  explicit Bare(const fs::path& path) {
    check(sqlite3_open(path.c_str(), &db_));
    for (const char* sql :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
          "CREATE TABLE t_bench_steps (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID",
          "CREATE TABLE t_bench_events (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID"}) {
      check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
    }
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    get_ = prepare("SELECT v FROM t_bench_steps WHERE k = ?1");
    put_ = prepare(
        "INSERT INTO t_bench_steps (k, v) VALUES (?1, ?2)"
        " ON CONFLICT (k) DO UPDATE SET v = excluded.v");
    insert_ = prepare("INSERT INTO t_bench_events (k, v) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
  }
  ~Bare() {
    for (auto* statement : {begin_, commit_, get_, put_, insert_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void step(std::uint64_t run, std::uint64_t sequence) {
    const std::string step_key = Key().text("run").number(run).take();
    const std::string event_key = Key().number(run).number(sequence).take();
    const std::string step_value(kStepBytes, 's');
    const std::string event_value(kEventBytes, 'e');
    run_statement(begin_, {});
    run_statement(get_, {&step_key});
    run_statement(put_, {&step_key, &step_value});
    run_statement(insert_, {&event_key, &event_value});
    run_statement(commit_, {});
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) give_up(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* out = nullptr;
    check(sqlite3_prepare_v2(db_, sql, -1, &out, nullptr));
    return out;
  }
  void run_statement(sqlite3_stmt* statement, std::initializer_list<const std::string*> values) {
    int index = 0;
    for (const std::string* value : values) {
      sqlite3_bind_blob(statement, ++index, value->data(), static_cast<int>(value->size()),
                        SQLITE_STATIC);
    }
    const int code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) check(code);
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

void step(Store& store, std::uint64_t run, std::uint64_t sequence) {
  must(store.write([&](Tx& tx) -> Result<void> {
    const std::string step_key = Key().text("run").number(run).take();
    WRIT_CHECK(tx.get(kSteps, step_key));
    WRIT_CHECK(tx.put(kSteps, step_key, std::string(kStepBytes, 's')));
    WRIT_CHECK(tx.insert(kEvents, Key().number(run).number(sequence).bytes(),
                         std::string(kEventBytes, 'e')));
    return {};
  }));
}

std::unique_ptr<Store> make_store(const fs::path& path) {
  auto store = must(open("sqlite:" + path.string()));
  Migration first;
  first.module = "bench";
  first.version = 1;
  first.creates = {kSteps, kEvents};
  must(store->migrate({first}, DryRun::no));
  return store;
}

struct Concurrent {
  double per_second = 0;
  double per_sync = 0;
};

Concurrent run_concurrently(Store& store, std::uint64_t threads, int each) {
  const StoreStats before = store.stats();
  const double taken = seconds_of([&] {
    std::vector<std::thread> all;
    for (std::uint64_t t = 0; t < threads; ++t) {
      all.emplace_back([&store, t, each] {
        for (int i = 0; i < each; ++i) step(store, t + 1, static_cast<std::uint64_t>(i));
      });
    }
    for (auto& thread : all) thread.join();
  });
  const StoreStats after = store.stats();
  return {static_cast<double>(threads) * each / taken,
          static_cast<double>(after.writes - before.writes) /
              static_cast<double>(after.commits - before.commits)};
}

}  // namespace

int main(int argc, char** argv) {
  std::string name = std::string(argc > 1 ? argv[1] : ".") + "/store-bench-XXXXXX";
  const int steps = argc > 2 ? std::atoi(argv[2]) : 2'000;
  if (::mkdtemp(name.data()) == nullptr) give_up("cannot make " + name);
  const fs::path directory = name;

  const double floor = sync_floor(directory, steps);
  Bare bare(directory / "bare.db");
  auto ours = make_store(directory / "ours.db");
  // In turns, so that a disk that changes its mood meets both.
  double bare_seconds = 0;
  double our_seconds = 0;
  constexpr int kTurns = 10;
  for (int turn = 0; turn < kTurns; ++turn) {
    const int from = turn * steps / kTurns;
    const int to = (turn + 1) * steps / kTurns;
    bare_seconds += seconds_of([&] {
      for (int i = from; i < to; ++i) bare.step(0, static_cast<std::uint64_t>(i));
    });
    our_seconds += seconds_of([&] {
      for (int i = from; i < to; ++i) step(*ours, 0, static_cast<std::uint64_t>(i));
    });
  }
  fmt::print("append 256 B + fdatasync       {:>9.0f} /s\n", floor);
  fmt::print("bare SQLite transaction        {:>9.0f} /s\n", steps / bare_seconds);
  fmt::print("durable step, one caller       {:>9.0f} /s   ratio {:.2f} (target >= 0.70)\n",
             steps / our_seconds, bare_seconds / our_seconds);
  const Concurrent many = run_concurrently(*ours, 64, std::max(1, steps / 8));
  fmt::print("durable steps, 64 callers      {:>9.0f} /s   {:.1f} a sync (targets >= 10000, 32)\n",
             many.per_second, many.per_sync);
  ours.reset();
  fs::remove_all(directory);
}
