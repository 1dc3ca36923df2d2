#include "identity/directory/sync_state.h"

#include <utility>

#include "base/json.h"
#include "store/key.h"

namespace writ::identity {
namespace {

std::string key_of(std::string_view directory) { return store::Key().text(directory).take(); }

Value to_value(const LastSync& last) {
  return Object{{"outcome", kSyncOutcomes.name(last.outcome)},
                {"ended_at", last.ended_at.micros},
                {"people", last.people},
                {"changes", last.changes},
                {"refused", last.refused},
                {"error", last.error}};
}

LastSync last_of(const Value& value) {
  LastSync out;
  out.outcome = kSyncOutcomes.parse(value.string_or("outcome", "")).value_or(SyncOutcome::failed);
  out.ended_at.micros = value.integer_or("ended_at", 0);
  out.people = static_cast<std::size_t>(value.integer_or("people", 0));
  out.changes = static_cast<std::size_t>(value.integer_or("changes", 0));
  out.refused = static_cast<std::size_t>(value.integer_or("refused", 0));
  out.error = value.string_or("error", "");
  return out;
}

Result<void> put(store::Tx& tx, std::string_view directory, const SyncState& state) {
  Object row{{"due", state.due.micros}, {"lease_ends", state.lease_ends.micros}};
  if (state.running) row.append("running", state.running->text());
  if (state.last) row.append("last", to_value(*state.last));
  return tx.put(kSyncStates, key_of(directory), to_json(Value(std::move(row))));
}

Result<void> lease(store::Tx& tx, std::string_view directory, SyncState state, SyncRunId run,
                   std::chrono::seconds time) {
  WRIT_TRY(const WallTime now, tx.now());
  state.running = run;
  state.lease_ends = {now.micros + std::chrono::microseconds(time).count()};
  return put(tx, directory, state);
}

}  // namespace

Result<SyncState> read_sync_state(store::Tx& tx, std::string_view directory) {
  WRIT_TRY(const auto row, tx.get(kSyncStates, key_of(directory)));
  if (!row) return SyncState{};
  WRIT_TRY(const Value value, parse_json(*row));
  SyncState out;
  out.due.micros = value.integer_or("due", 0);
  out.lease_ends.micros = value.integer_or("lease_ends", 0);
  if (const auto run = SyncRunId::parse(value.string_or("running", ""))) out.running = *run;
  if (const Value* const last = value.find("last")) out.last = last_of(*last);
  return out;
}

Result<bool> begin_sync(store::Tx& tx, std::string_view directory, SyncRunId run,
                        std::chrono::seconds time) {
  WRIT_TRY(SyncState state, read_sync_state(tx, directory));
  WRIT_TRY(const WallTime now, tx.now());
  if (state.is_running(now)) return false;
  WRIT_CHECK(lease(tx, directory, std::move(state), run, time));
  return true;
}

Result<void> renew_sync(store::Tx& tx, std::string_view directory, SyncRunId run,
                        std::chrono::seconds time) {
  WRIT_TRY(SyncState state, read_sync_state(tx, directory));
  if (state.running != run) {
    return fail(Code::lease_lost, "another run has begun since", "GET /iam/sync says how it ended");
  }
  return lease(tx, directory, std::move(state), run, time);
}

Result<void> end_sync(store::Tx& tx, std::string_view directory, SyncRunId run, LastSync last,
                      WallTime due) {
  WRIT_TRY(SyncState state, read_sync_state(tx, directory));
  if (state.running != run) return {};
  state.running.reset();
  state.lease_ends = {};
  state.due = due;
  state.last = std::move(last);
  return put(tx, directory, state);
}

}  // namespace writ::identity
