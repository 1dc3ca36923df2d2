// Durable append and sequencing of 500-byte events with exact deduplication, beside the floor: the
// same records inserted into a bare SQLite table with the same commits and syncs.
//
//   ledger_bench [events] [directory]
#include <sodium.h>
#include <sqlite3.h>

#include <span>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "bench.h"
#include "crypto/key.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "ledger/record.h"
#include "store/open.h"

namespace writ::ledger {
namespace {

using namespace writ::bench;
namespace fs = std::filesystem;

constexpr std::size_t kEventBytes = 500;  // of the event's own texts and payload
constexpr std::uint64_t kEventsPerRun = 64;
constexpr int kRounds = 3;

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

Timing& operator+=(Timing& sum, const Timing& other) {
  sum.wall += other.wall;
  sum.processor += other.processor;
  return sum;
}

std::uintmax_t bytes_in(const fs::path& directory) {
  std::uintmax_t sum = 0;
  for (const auto& entry : fs::directory_iterator(directory)) sum += entry.file_size();
  return sum;
}

std::string file_in(const Place& place) { return (place.path() / "writ.db").string(); }

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
  if (sqlite3_open(file_in(place).c_str(), &db) != SQLITE_OK) give_up("cannot open a database");
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
  const auto store = must(store::open("sqlite:" + file_in(place)));
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
  timings.bytes = bytes_in(place.path());
  return timings;
}

void print_row(const char* name, const Timing& timing, double count) {
  fmt::print("  {:<22} {:>9.0f} /s {:>8.2f} us processor time an event\n", name,
             count / timing.wall, timing.processor / count * 1e6);
}

Timing sum(Timing a, const Timing& b) { return a += b; }

void measure_append(const fs::path& parent, const std::vector<Entry>& entries, std::size_t batch,
                    Ids ids, double budget) {
  const auto count = static_cast<double>(entries.size());
  std::vector<double> floors, ours, ratios;
  LedgerTimings last;
  Timing floor;
  for (int round = 0; round < kRounds; ++round) {
    floor = bare_sqlite(parent, entries, batch);
    last = run_ledger(parent, entries, batch);
    const Timing together = sum(last.append, last.sequence);
    floors.push_back(count / floor.wall);
    ours.push_back(count / together.wall);
    ratios.push_back(floor.wall / together.wall);
  }
  fmt::print("batches of {}, the last of {} rounds; {:.0f} bytes an event on disk\n", batch,
             kRounds, static_cast<double>(last.bytes) / count);
  print_row("floor: bare SQLite", floor, count);
  print_row("append", last.append, count);
  print_row("sequence", last.sequence, count);
  print_row("verify", last.verify, count);
  report({fmt::format("ledger append and sequence, 500 B, batches of {}, ids {}", batch,
                      ids == Ids::by_time ? "by time" : "in no order"),
          fmt::format("{:.0f} /s, bare SQLite inserts", median(floors)),
          fmt::format("{:.0f} /s", median(ours)), fmt::format("{:.2f}", median(ratios)),
          fmt::format(">= {:.0f} /s", budget), median(ours) >= budget});
}

// Every event's signature checked before it is appended, against libsodium's check alone.
void measure_verification(const fs::path& parent, const std::vector<Entry>& all) {
  const auto entries = std::span(all).first(std::min<std::size_t>(all.size(), 8192));
  const auto count = static_cast<double>(entries.size());
  const auto key = crypto::SecretKey::generate();
  std::vector<std::string> messages, signatures;
  for (const Entry& entry : entries) {
    messages.push_back(hashed_leaf(entry, {}) + entry.payload);
    signatures.push_back(must(key.sign(messages.back())));
  }
  const crypto::PublicKey signer = key.public_key();
  std::vector<double> floors, ours, ratios;
  for (int round = 0; round < kRounds; ++round) {
    const Timing alone = time_of([&] {
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const int wrong = crypto_sign_verify_detached(as_bytes(signatures[i]).data(),
                                                      as_bytes(messages[i]).data(),
                                                      messages[i].size(), signer.bytes.data());
        if (wrong != 0) give_up("a signature is wrong");
      }
    });
    const Timing checked = time_of([&] {
      for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!signer.verifies(messages[i], signatures[i])) give_up("a signature is wrong");
      }
    });
    const std::vector<Entry> batch(entries.begin(), entries.end());
    const LedgerTimings appended = run_ledger(parent, batch, 256);
    const double wall = sum(sum(checked, appended.append), appended.sequence).wall;
    floors.push_back(count / alone.wall);
    ours.push_back(count / wall);
    ratios.push_back(alone.wall / wall);
  }
  report({"the same with an Ed25519 signature an event, one thread",
          fmt::format("{:.0f} /s, libsodium's verify alone", median(floors)),
          fmt::format("{:.0f} /s", median(ours)), fmt::format("{:.2f}", median(ratios)), ">= 0.60",
          median(ratios) >= 0.6});
}

}  // namespace
}  // namespace writ::ledger

int main(int argc, char** argv) {
  using namespace writ::ledger;
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 65'536;
  const std::filesystem::path parent = argc > 2 ? argv[2] : ".";
  fmt::print("{} events of {} bytes, durable, exact dedup, medians of {} rounds\n", count,
             kEventBytes, kRounds);
  for (const Ids ids : {Ids::by_time, Ids::in_no_order}) {
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(make_entry(i, ids));
    fmt::print("ids {}\n", ids == Ids::by_time ? "by time (UUIDv7)" : "in no order (UUIDv5)");
    measure_append(parent, entries, 256, ids, 40'000);
    measure_append(parent, entries, 4096, ids, 70'000);
    if (ids == Ids::by_time) measure_verification(parent, entries);
  }
  return 0;
}
