#pragma once
// Runs closures in serializable transactions, each in one of its own, until they are durable.
//
// A transaction that the database gives up in favour of another (40001, deadlock), or whose
// connection breaks before it commits, is run again until the deadline. From the second time on
// those of one process take turns, because what met once would meet again.
//
// Each transaction that writes marks how far its session has come. When the connection breaks on
// the way, the mark is looked at afterwards, so that no change is made twice and none is reported
// lost that is there; where nobody can look, the error says that the outcome is not known. (The
// database's own transaction ids do not tell: a crash lets it give one out again.)
//
// Asynchronous writes share transactions (`run`). Thread-safe.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "store/group_commit.h"
#include "store/postgres/pg_bell.h"
#include "store/postgres/pg_pool.h"
#include "store/store.h"
#include "store/store_clock.h"
#include "store/tables_written.h"
#include "store/watch_hub.h"

namespace writ::store {

class PgWriter final : public BatchRunner {
 public:
  // All borrowed; `clock` may be null: the database's own.
  PgWriter(PgPool& pool, StoreClock& monotonic, const Clock* clock,
           std::chrono::milliseconds patience, WatchHub& hub, const PgBell& bell)
      : pool_(pool),
        monotonic_(monotonic),
        clock_(clock),
        patience_(patience),
        hub_(hub),
        bell_(bell) {}

  // Whether a store that bears a mark (store/moved.h) is read.
  enum class Marked : std::uint8_t { is_read, is_refused };

  // Errors: those of `body`; unavailable, storage_failed, … as pg_failure.
  Result<void> write(const Body& body);
  Result<void> read(const Body& body, Marked marked = Marked::is_read);

  void run(Batch& batch) noexcept override;
  void tidy() noexcept override {}

  StoreStats stats() const { return {writes_, commits_}; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Attempt {
    Result<void> result;
    Hope hope = Hope::none;
    bool has_written = false;
  };

  Result<void> write_all(const Body& body, std::uint64_t closures);
  Attempt try_to_write(const Body& body, Deadline deadline);
  Attempt try_to_read(const Body& body, Marked marked, Deadline deadline);
  Attempt commit(PgPool::Lease connection, const TablesWritten& tables, Deadline deadline);
  static Attempt not_connected(Error error);
  // The end of a transaction that has written nothing.
  Attempt end_idle(PgConnection& connection, Attempt attempt) const;
  // Of a transaction that the database failed: nothing of it took effect.
  static Attempt given_up(PgConnection& connection);
  Attempt outcome_of(const Mark& mark, const TablesWritten& tables, Error error, Deadline deadline);

  PgPool& pool_;
  StoreClock& monotonic_;
  const Clock* const clock_;
  const std::chrono::milliseconds patience_;
  WatchHub& hub_;
  const PgBell& bell_;
  // Who has to try again holds it until done.
  std::timed_mutex turn_;
  std::atomic<std::uint64_t> writes_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;
};

}  // namespace writ::store
