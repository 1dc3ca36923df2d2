#include "store/postgres/pg_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "observe/current_span.h"
#include "store/moved.h"
#include "store/postgres/pg_tx.h"

namespace writ::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const PgStatement kCommit{"writ_commit", "COMMIT", "committing", Wire::text};
const PgStatement kRollback{"writ_rollback", "ROLLBACK", "rolling back", Wire::text};
// Part of each transaction that writes: how far this session has come. Fails where somebody has
// asked about this transaction and was told that it did not happen: `n` is not null.
const PgStatement kMark{
    "writ_mark",
    "INSERT INTO writ.sessions AS s (id, n, fence, at) VALUES ($1, $2, 0, now()) "
    "ON CONFLICT (id) DO UPDATE SET at = excluded.at, n = CASE WHEN s.fence < "
    "excluded.n THEN excluded.n END",
    "marking a transaction", Wire::text};
// Waits for the transaction if it is still under way, and keeps it from happening if it is to come.
const PgStatement kAsk{
    "writ_ask",
    "INSERT INTO writ.sessions AS s (id, n, fence, at) VALUES ($1, 0, $2, now()) "
    "ON CONFLICT (id) DO UPDATE SET fence = greatest(s.fence, excluded.fence) "
    "RETURNING s.n >= $2",
    "asking what became of a transaction", Wire::text};

// Asking is no writing: it is let through where writers are kept out.
const PgStatement kAskAnyway{"writ_ask_anyway",
                             "SELECT set_config('writ.passes_fence', 'on', true)",
                             "asking what became of a transaction", Wire::text};
// The one check in the schema (PgTx::keep_writers_out).
constexpr std::string_view kCheckViolation = "23514";
// Fails where the store bears a mark, for its name is no number; else there is no row. Travels with
// whatever is asked next: the look costs no round trip.
const PgStatement kExpectHere{
    "writ_expect_here",
    "SELECT convert_from(k, 'UTF8')::bigint FROM writ.t_writ_migrations WHERE k = 'moved'",
    "looking whether the store has moved", Wire::text};
constexpr std::string_view kNoNumber = "22P02";

bool says_marked(const PgConnection& connection) {
  const std::string& state = connection.failed_state();
  return state == kCheckViolation || state == kNoNumber;
}

// Grows with each attempt; random, so that those who met do not meet again.
void pause_before(int attempt, Hope hope, steady_clock::time_point deadline) {
  const milliseconds longest(hope == Hope::new_server ? 400 : 50);
  const milliseconds step = std::min(longest, milliseconds(1 << std::min(attempt, 9)));
  thread_local std::uint32_t seed =
      static_cast<std::uint32_t>(std::hash<std::thread::id>{}(std::this_thread::get_id()) | 1u);
  seed = seed * 1664525u + 1013904223u;
  const auto pause = step / 2 + milliseconds(seed % static_cast<std::uint32_t>(step.count() + 1));
  std::this_thread::sleep_until(std::min(deadline, steady_clock::now() + pause));
}

// Leaves the connection fit for the next, or lost: is_idle tells.
void roll_back(PgConnection& connection) {
  connection.forget_failure();
  connection.queue(kRollback);
  static_cast<void>(connection.answer());
}

}  // namespace

PgWriter::Attempt PgWriter::not_connected(Error error) {
  const Hope hope = error.code == Code::unavailable ? Hope::new_server : Hope::none;
  return {std::unexpected(std::move(error)), hope, false};
}

PgWriter::Attempt PgWriter::given_up(PgConnection& connection) {
  Attempt out{{}, Hope::none, false};
  if (const auto& failure = connection.failure()) {
    out = {std::unexpected(failure->error), failure->hope, false};
    if (says_marked(connection)) out.result = has_moved();
  }
  roll_back(connection);
  return out;
}

// What has been read here may be old: others write at the new place.
PgWriter::Attempt PgWriter::end_idle(PgConnection& connection, Attempt attempt) const {
  if (!pool_.settings().passes_fence) connection.queue(kExpectHere);
  connection.queue(attempt.result ? kCommit : kRollback);
  const auto done = connection.answer();
  if (done) return attempt;
  return given_up(connection);
}

// A failure of the database counts for more than what the closure made of it.
PgWriter::Attempt PgWriter::try_to_write(const Body& body, Deadline deadline) {
  auto connection = pool_.take(deadline);
  if (!connection) return not_connected(std::move(connection).error());
  PgTx tx(**connection, monotonic_, clock_, Access::write);
  Attempt attempt{body(tx), Hope::none, tx.has_written()};
  if ((*connection)->failure()) return given_up(**connection);
  const bool is_to_commit = attempt.result && tx.has_written();
  if (!is_to_commit) return end_idle(**connection, std::move(attempt));
  return commit(*std::move(connection), tx.tables_written(), deadline);
}

// What the database fails with words has changed nothing. Where it said nothing, it is asked.
PgWriter::Attempt PgWriter::commit(PgPool::Lease connection, const TablesWritten& tables,
                                   Deadline deadline) {
  const Mark mark = connection->next_mark();
  connection->queue(kMark,
                    std::array{std::string_view(mark.session), std::string_view(mark.number)});
  connection->queue(kCommit);
  bell_.ring(*connection, tables);
  const auto done = connection->answer();
  if (done) {
    hub_.changed(tables);
    return {{}, Hope::none, true};
  }
  const bool has_said_why = !connection->failed_state().empty();
  if (has_said_why) return given_up(*connection);
  // Whoever waits for an answer holds no place in the pool: all of them may be waiting.
  {
    const PgPool::Lease lost = std::move(connection);
  }
  return outcome_of(mark, tables, done.error(), deadline);
}

// The connection broke while the transaction was on its way.
PgWriter::Attempt PgWriter::outcome_of(const Mark& mark, const TablesWritten& tables, Error error,
                                       Deadline deadline) {
  // Long enough for a database to start again, however little is left of the caller's patience.
  deadline = std::max(deadline, steady_clock::now() + patience_);
  for (int attempt = 0; steady_clock::now() < deadline; ++attempt) {
    pause_before(attempt + 3, Hope::new_server, deadline);
    auto connection = pool_.take(deadline);
    if (!connection) continue;
    (*connection)->queue(kAskAnyway);
    (*connection)
        ->queue(kAsk, std::array{std::string_view(mark.session), std::string_view(mark.number)});
    bell_.ring(**connection, tables);
    const auto rows = (*connection)->answer();
    if (!rows) continue;
    if (rows->at(0, 0) == "t") {
      hub_.changed(tables);
      return {{}, Hope::none, true};
    }
    return {std::unexpected(std::move(error)), Hope::new_server, false};
  }
  error.message += "; whether the write took effect is not known";
  error.remediation = "Look whether it did before you retry";
  return {std::unexpected(std::move(error)), Hope::none, false};
}

Result<void> PgWriter::write_all(const Body& body, std::uint64_t closures) {
  const Deadline deadline = steady_clock::now() + patience_;
  std::unique_lock turn(turn_, std::defer_lock);
  for (int attempt = 1;; ++attempt) {
    Attempt done = try_to_write(body, deadline);
    if (done.result) {
      writes_ += closures;
      if (done.has_written) ++commits_;
    }
    if (done.hope == Hope::none || steady_clock::now() >= deadline) return std::move(done.result);
    if (done.hope == Hope::again && !turn.owns_lock()) {
      static_cast<void>(turn.try_lock_until(deadline));
    } else {
      pause_before(attempt, done.hope, deadline);
    }
  }
}

Result<void> PgWriter::write(const Body& body) {
  const observe::Span span = observe::child_span("store.write");
  return write_all(body, 1);
}

PgWriter::Attempt PgWriter::try_to_read(const Body& body, Marked marked, Deadline deadline) {
  auto connection = pool_.take(deadline);
  if (!connection) return not_connected(std::move(connection).error());
  PgTx tx(**connection, monotonic_, clock_, Access::read);
  if (marked == Marked::is_refused) (*connection)->queue(kExpectHere);
  Attempt attempt{body(tx), Hope::none, false};
  if (const auto& failure = (*connection)->failure()) {
    // What has been told something may have done something with it.
    const bool may_repeat = failure->hope != Hope::none && !tx.has_answered();
    attempt = {std::unexpected(failure->error), may_repeat ? failure->hope : Hope::none, false};
    if (says_marked(**connection)) attempt.result = has_moved();
  }
  roll_back(**connection);
  return attempt;
}

Result<void> PgWriter::read(const Body& body, Marked marked) {
  const Deadline deadline = steady_clock::now() + patience_;
  for (int attempt = 1;; ++attempt) {
    Attempt done = try_to_read(body, marked, deadline);
    if (done.hope == Hope::none || steady_clock::now() >= deadline) return std::move(done.result);
    pause_before(attempt, done.hope, deadline);
  }
}

// All in one transaction; where one of them fails, each in its own.
void PgWriter::run(Batch& batch) noexcept {
  while (batch.next() != nullptr) {
  }
  const auto& writes = batch.taken();
  const auto done = write_all(
      [&](Tx& tx) -> Result<void> {
        for (const auto& write : writes) WRIT_CHECK((*write->body)(tx));
        return {};
      },
      writes.size());
  const bool is_away = !done && (done.error().code == Code::unavailable ||
                                 done.error().code == Code::storage_failed);
  for (const auto& write : writes) {
    const bool is_settled = done || is_away || writes.size() == 1;
    write->result = is_settled ? done : this->write(*write->body);
  }
}

}  // namespace writ::store
