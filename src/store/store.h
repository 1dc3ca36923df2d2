#pragma once
// Durable state as ordered tables of bytes, in transactions. One interface, adapters in memory/,
// sqlite/ and postgres/; modules declare their tables and encode their rows (store/key.h).
//
// A write is a closure over a transaction. It may be run more than once (SQLite loses a whole
// batch on FULL or IOERR, PostgreSQL answers 40001), so it must be pure apart from the
// transaction: assign results at its end, do nothing outside.
//
// Group commit: writes that wait at the same time share one transaction and one sync; a closure
// that returns an error is rolled back alone. `write` returns after
// the commit is durable. After a failed sync the store is poisoned: every call fails with
// storage_failed until it is opened again and checked.
//
// Thread-safe. Several processes may open one SQLite file, or one database.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/watch.h"

namespace writ::store {

// Declared once per module as constexpr data; names are [a-z0-9_]+ and unique in the product.
struct Table {
  std::string_view name;
};

struct Row {
  std::string key;
  std::string value;
};

// Bounds that every adapter enforces (invalid_input), so that what one backend accepts all do.
// Larger values belong into a BlobStore.
inline constexpr std::size_t kMaxKeyBytes = 2048;
inline constexpr std::size_t kMaxValueBytes = 64u << 20;

// Keys in [first, last); an empty `last` means no upper bound.
struct KeyRange {
  std::string first;
  std::string last;
};

enum class Order : std::uint8_t { ascending, descending };

// One transaction's view. Used only by the closure it is given to, on that thread. A closure
// that ignores an error of the backend still fails with it: half a closure is never committed.
//
// Errors of every call: invalid_input (key or value above its bound), internal (no migration has
// made the table), usage (a write inside a read), storage_failed, tampered (a broken file).
class Tx {
 public:
  virtual ~Tx() = default;

  virtual Result<std::optional<std::string>> get(const Table& table, std::string_view key) = 0;
  // Inserts or replaces.
  virtual Result<void> put(const Table& table, std::string_view key, std::string_view value) = 0;
  // False, and nothing written, when the key exists.
  virtual Result<bool> insert(const Table& table, std::string_view key, std::string_view value) = 0;
  // False when there was nothing to erase.
  virtual Result<bool> erase(const Table& table, std::string_view key) = 0;
  // At most `limit` rows in key order.
  virtual Result<std::vector<Row>> scan(const Table& table, const KeyRange& range,
                                        std::size_t limit, Order order = Order::ascending) = 0;
  // The database's clock: the only one leases are judged by. It never runs backwards within a
  // process; between processes and across restarts a step backwards is caught to within 0.1 s.
  virtual Result<WallTime> now() = 0;
};

// A change of the stored shape, owned by a module. `up` must be re-runnable.
struct Migration {
  std::string_view module;    // "ledger"
  std::uint32_t version = 0;  // 1, 2, … per module, without gaps
  std::string_view summary;
  std::vector<Table> creates;             // tables that exist from this version on
  std::function<Result<void>(Tx&)> up;    // may be empty
  std::function<Result<void>(Tx&)> down;  // empty: cannot be undone
};

struct MigrationStep {
  std::string module;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::string summary;
};

enum class DryRun : std::uint8_t { no, yes };

struct StoreStats {
  std::uint64_t writes = 0;   // closures committed
  std::uint64_t commits = 0;  // transactions, that is syncs
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs `body` in a transaction and returns its value once that is durable. Blocking; never
  // call it from inside a closure. `body` may run on another caller's thread (whoever leads the
  // group commit), so it must take no lock that a caller of `write` holds. Errors: those of `body`;
  // storage_failed; unavailable (another process holds the write lock longer than the busy
  // timeout).
  template <typename F>
  auto write(F&& body) -> std::invoke_result_t<F&, Tx&> {
    using R = std::invoke_result_t<F&, Tx&>;
    std::optional<R> out;
    Result<void> done = write_erased([&](Tx& tx) -> Result<void> {
      out.emplace(body(tx));
      if (*out) return {};
      return std::unexpected(out->error());
    });
    if (!done) return std::unexpected(std::move(done).error());
    WRIT_ASSERT(out.has_value());  // a body that was committed was run
    return std::move(*out);
  }

  // Queues `body`; `done` is called once, on a thread of the store's own, after the commit (or
  // failure). `done` must be quick and must not call the store in a blocking way. Destroying the
  // store finishes what is queued. Never blocks.
  // Errors: overloaded (65,536 asynchronous writes are not done yet): then nothing was queued, and
  // `done` is not called.
  virtual Result<void> write_async(std::function<Result<void>(Tx&)> body,
                                   std::function<void(Result<void>)> done) = 0;

  // Runs `body` on a consistent snapshot; its writes are refused (usage). Concurrent.
  template <typename F>
  auto read(F&& body) -> std::invoke_result_t<F&, Tx&> {
    using R = std::invoke_result_t<F&, Tx&>;
    std::optional<R> out;
    Result<void> done = read_erased([&](Tx& tx) -> Result<void> {
      out.emplace(body(tx));
      return {};
    });
    if (!done) return std::unexpected(std::move(done).error());
    WRIT_ASSERT(out.has_value());  // likewise
    return std::move(*out);
  }

  // `read`, of a store that nobody has moved away: where it bears a mark (store/moved.h) this fails
  // with has_moved(), before `body` has been told anything.
  template <typename F>
  auto read_unless_moved(F&& body) -> std::invoke_result_t<F&, Tx&> {
    using R = std::invoke_result_t<F&, Tx&>;
    std::optional<R> out;
    Result<void> done = read_unless_moved_erased([&](Tx& tx) -> Result<void> {
      out.emplace(body(tx));
      return {};
    });
    if (!done) return std::unexpected(std::move(done).error());
    WRIT_ASSERT(out.has_value());  // likewise
    return std::move(*out);
  }

  // Calls `wake` when somebody may have written to `tables`, from soon after this returns until the
  // watch is destroyed: who reads when called misses nothing. See store/watch.h.
  virtual Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                               Reach reach) = 0;

  // Brings every module to its newest version, in one transaction and in the order given;
  // returns what was (or would be) done. A dry run really runs the migrations and rolls back.
  // Errors: unsupported (a module of the store is newer than this binary), internal (versions
  // with gaps, a bad or repeated table name), those of the migrations.
  Result<std::vector<MigrationStep>> migrate(const std::vector<Migration>& migrations,
                                             DryRun dry_run);
  // Takes `module` down to `version`: each step runs its `down`, then drops what it created.
  // Errors: unsupported (a step has no `down`), not_found (no such module or version).
  Result<std::vector<MigrationStep>> migrate_down(const std::vector<Migration>& migrations,
                                                  std::string_view module, std::uint32_t version,
                                                  DryRun dry_run);

  // Structural check of the whole store. Errors: tampered (what is broken), storage_failed.
  virtual Result<void> check() = 0;

  virtual StoreStats stats() const = 0;

 protected:
  virtual Result<void> write_erased(const std::function<Result<void>(Tx&)>& body) = 0;
  virtual Result<void> read_erased(const std::function<Result<void>(Tx&)>& body) = 0;
  // As long as an adapter has nothing cheaper the mark is looked for first.
  virtual Result<void> read_unless_moved_erased(const std::function<Result<void>(Tx&)>& body);
};

}  // namespace writ::store
