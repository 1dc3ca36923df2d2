// Durable append and sequencing of 500-byte events with exact deduplication, beside the floor: the
// same records inserted into a bare SQLite table with the same commits and syncs.
//
//   ledger_bench [events] [directory]
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "ledger/record.h"
#include "store/open.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEventBytes = 500;  // of the event's own texts and payload
constexpr std::uint64_t kEventsPerRun = 64;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "ledger_bench: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Ids that were drawn or derived come in no order (UUIDv4, v5); the index of ids then is written
// all over. Those of UUIDv7 begin with the time, here 64 of them in a millisecond.
enum class Ids : std::uint8_t { by_time, in_no_order };

// Step events of runs of 64, two actors, as execution writes them.
Entry make_entry(std::uint64_t number, Ids ids) {
  static const std::string project = Uuid::v5(kWritNamespace, "project").text();
  const std::uint64_t run = number / kEventsPerRun;
  Entry entry;
  entry.id = {Uuid::v5(kWritNamespace, "event " + std::to_string(number))};
  if (ids == Ids::by_time) {
    for (std::size_t i = 0; i < 6; ++i) {
      entry.id.uuid.bytes[i] = static_cast<std::uint8_t>(number / 64 >> (8 * (5 - i)));
    }
  }
  entry.run = {Uuid::v5(kWritNamespace, "run " + std::to_string(run))};
  entry.seq = number % kEventsPerRun + 1;
  entry.type = number % 2 == 0 ? "writ.step.started" : "writ.step.completed";
  entry.source = "writ:project/" + project;
  entry.subject = "run/" + entry.run.text() + "/step/test/unit-" + std::to_string(entry.seq / 2);
  entry.time = {1'767'225'600'000'000 + static_cast<std::int64_t>(number)};
  entry.actor = "key:" + std::string(64, run % 2 == 0 ? 'a' : 'b');
  entry.correlation = entry.run.text();
  const std::size_t used = 16 + entry.type.size() + entry.source.size() + entry.subject.size() + 8 +
                           16 + 8 + entry.actor.size() + entry.correlation.size();
  const std::string rest(kEventBytes > used + 13 ? kEventBytes - used - 13 : 0, 'x');
  entry.payload = R"({"output":")" + rest + "\"}";
  return entry;
}

// Wall and processor seconds. On a machine that does other things too, only the latter say much.
struct Timing {
  double wall = 0;
  double processor = 0;

  Timing& operator+=(const Timing& other) {
    wall += other.wall;
    processor += other.processor;
    return *this;
  }
};

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename F>
Timing time_of(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), processor_seconds() - processor};
}

// A new place for a database, removed with all that is in it.
class Place {
 public:
  explicit Place(const fs::path& parent) {
    std::string pattern = (parent / "ledger_bench_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot make a directory in " + pattern);
    path_ = pattern;
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::string file() const { return (path_ / "writ.db").string(); }
  std::uintmax_t bytes() const {
    std::uintmax_t sum = 0;
    for (const auto& entry : fs::directory_iterator(path_)) sum += entry.file_size();
    return sum;
  }

 private:
  fs::path path_;
};

void run_sql(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
}

void insert_bare(sqlite3* db, sqlite3_stmt* insert, const std::vector<Entry>& entries,
                 std::size_t begin, std::size_t end) {
  const std::string salt(kSaltSize, 's');
  run_sql(db, "BEGIN IMMEDIATE");
  for (std::size_t i = begin; i < end; ++i) {
    std::string record;
    append_record(record, entries[i], {}, salt);
    sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(i));
    sqlite3_bind_blob64(insert, 2, record.data(), record.size(), SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) give_up(sqlite3_errmsg(db));
    sqlite3_reset(insert);
  }
  run_sql(db, "COMMIT");
}

Timing bare_sqlite(const fs::path& parent, const std::vector<Entry>& entries, std::size_t batch) {
  const Place place(parent);
  sqlite3* db = nullptr;
  if (sqlite3_open(place.file().c_str(), &db) != SQLITE_OK) give_up("cannot open a database");
  run_sql(db,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "CREATE TABLE events (k INTEGER PRIMARY KEY, v BLOB)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO events VALUES (?, ?)", -1, &insert, nullptr);
  const Timing timing = time_of([&] {
    for (std::size_t i = 0; i < entries.size(); i += batch) {
      insert_bare(db, insert, entries, i, std::min(i + batch, entries.size()));
    }
  });
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return timing;
}

struct LedgerTimings {
  Timing append;
  Timing sequence;
  Timing verify;
  std::uintmax_t bytes = 0;
};

LedgerTimings run_ledger(const fs::path& parent, const std::vector<Entry>& entries,
                         std::size_t batch) {
  const Place place(parent);
  const SystemClock clock;
  SystemRandom random;
  const auto store = must(store::open("sqlite:" + place.file()));
  must(store->migrate(ledger_migrations(), store::DryRun::no));
  const auto log = must(Ledger::open(*store, clock, random, {.origin = "bench.example/log"}));
  LedgerTimings timings;
  for (std::size_t i = 0; i < entries.size();) {
    const std::size_t end = std::min(i + batch, entries.size());
    timings.append += time_of([&] {
      must(store->write([&](store::Tx& tx) {
        return log->append_all(tx, std::span(entries).subspan(i, end - i));
      }));
    });
    i = end;
    // As a sequencer behind the appends: a full round at a time.
    if (i % 4096 != 0 && i != entries.size()) continue;
    timings.sequence += time_of([&] { must(log->sequence()); });
  }
  timings.verify = time_of([&] { must(log->verify({})); });
  timings.bytes = place.bytes();
  return timings;
}

void print_row(const char* name, const Timing& timing, double count) {
  std::printf("  %-22s %9.0f/s   %6.2f us processor time an event\n", name, count / timing.wall,
              timing.processor / count * 1e6);
}

void report(const fs::path& parent, const std::vector<Entry>& entries, std::size_t batch,
            double budget) {
  const auto count = static_cast<double>(entries.size());
  const Timing floor = bare_sqlite(parent, entries, batch);
  const LedgerTimings ours = run_ledger(parent, entries, batch);
  Timing together = ours.append;
  together += ours.sequence;
  std::printf("batches of %zu\n", batch);
  print_row("floor: bare SQLite", floor, count);
  print_row("append", ours.append, count);
  print_row("sequence", ours.sequence, count);
  print_row("append and sequence", together, count);
  print_row("verify", ours.verify, count);
  const double rate = count / together.wall;
  std::printf("  %.2f of the floor; budget %.0f/s %s; %.0f bytes an event on disk\n",
              floor.wall / together.wall, budget, rate >= budget ? "held" : "missed",
              static_cast<double>(ours.bytes) / count);
}

}  // namespace
}  // namespace writ::ledger

int main(int argc, char** argv) {
  using namespace writ::ledger;
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 65'536;
  const std::filesystem::path parent = argc > 2 ? argv[2] : "/tmp";
  std::printf("ledger append: %llu events of %zu bytes, durable, exact dedup\n",
              static_cast<unsigned long long>(count), kEventBytes);
  for (const Ids ids : {Ids::by_time, Ids::in_no_order}) {
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(make_entry(i, ids));
    std::printf("ids %s\n", ids == Ids::by_time ? "by time (UUIDv7)" : "in no order (UUIDv5)");
    report(parent, entries, 256, 40'000);
    report(parent, entries, 4096, 70'000);
  }
  return 0;
}
