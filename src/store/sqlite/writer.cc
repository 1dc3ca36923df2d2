#include "store/sqlite/writer.h"

#include <algorithm>
#include <utility>

#include "store/moved.h"
#include "store/sqlite/sqlite_error.h"

namespace writ::store {
namespace {

// Frames (pages) that the log may hold before it is moved into the database. A log that has gone
// round once is overwritten in place, which syncs faster than one that grows: short laps pay.
constexpr int kCheckpointFrames = 1'000;
// Between two tries whether a full disk has room again.
constexpr std::chrono::milliseconds kBetweenTries{250};

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, StoreClock& clock, WatchHub& hub,
               Fence fence)
    : connection_(std::move(connection)), clock_(clock), hub_(hub), fence_(fence) {
  sqlite3_wal_hook(connection_->handle(), &Writer::note_log_length, this);
}

Writer::~Writer() {
  if (!is_poisoned_) return;
  // Whatever a failing disk holds is left as it is for the next opening to judge.
  sqlite3_db_config(connection_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

int Writer::note_log_length(void* self, sqlite3*, const char*, int frames) {
  static_cast<Writer*>(self)->log_frames_ = frames;
  return SQLITE_OK;
}

void Writer::run(Batch& batch) noexcept {
  Result<void> state = usable();
  if (!state && is_disk_full_) state = heal();
  if (state) state = begin();
  if (!state) {
    // Nothing has run. Whoever waits would only wait as long again.
    batch.take_all();
    for (const auto& write : batch.taken()) write->result = state;
    return;
  }
  bool has_changes = false;
  bool in_savepoints = false;
  while (PendingWrite* const write = batch.next()) {
    const auto outcome = run_in_batch(*write, has_changes, in_savepoints);
    if (!outcome) return settle(batch, outcome.error());
    has_changes = has_changes || *outcome == Outcome::changed;
    if (*outcome != Outcome::entangled) continue;
    const auto again = run_apart(batch);
    if (!again) return settle(batch, again.error());
    has_changes = *again;
    in_savepoints = true;
  }
  if (auto done = commit(has_changes); !done) return settle(batch, done.error());
  writes_ += static_cast<std::uint64_t>(std::ranges::count_if(
      batch.taken(), [](const auto& write) { return write->result.has_value(); }));
}

Result<bool> Writer::run_apart(const Batch& batch) {
  WRIT_CHECK(roll_back());
  WRIT_CHECK(begin());
  bool has_changes = false;
  for (const auto& write : batch.taken()) {
    WRIT_TRY(const Outcome outcome, run_in_batch(*write, has_changes, true));
    has_changes = has_changes || outcome == Outcome::changed;
  }
  return has_changes;
}

Result<Writer::Outcome> Writer::run_in_batch(PendingWrite& write, bool has_changes,
                                             bool in_savepoint) {
  // What comes first has the transaction to itself.
  in_savepoint = in_savepoint && has_changes;
  if (in_savepoint) WRIT_CHECK(step(Control::savepoint, "opening a savepoint"));
  SqliteTx tx(*connection_, clock_, Access::write);
  write.result = run_body(*write.body, tx);
  if (!connection_->is_in_transaction()) {
    if (!write.result) return std::unexpected(write.result.error());
    return fail(Code::internal, "a closure ended the transaction it was given");
  }
  const bool must_undo = !write.result && (tx.has_written() || tx.failure());
  if (in_savepoint) {
    if (must_undo) WRIT_CHECK(step(Control::rollback_to, "undoing a write"));
    WRIT_CHECK(step(Control::release, "closing a savepoint"));
  } else if (must_undo && has_changes) {
    return Outcome::entangled;
  } else if (must_undo) {
    WRIT_CHECK(roll_back());
    WRIT_CHECK(begin());
  }
  return write.result && tx.has_written() ? Outcome::changed : Outcome::idle;
}

Result<void> Writer::run_body(const Body& body, SqliteTx& tx) {
  auto result = body(tx);
  if (result) written_.note_all(tx.tables_written());
  const std::optional<Error>& failure = tx.failure();
  if (failure) return std::unexpected(*failure);
  return result;
}

// The transaction is gone. Gives every write of the batch a result nevertheless.
void Writer::settle(Batch& batch, const Error& error) {
  if (connection_->is_in_transaction()) {
    if (auto undone = roll_back(); !undone) poison(undone.error());
  }
  const bool is_final = is_poisoned_ || batch.taken().size() == 1;
  for (const auto& write : batch.taken()) {
    if (!is_final) {
      write->result = run_alone(*write->body);
    } else if (write->result) {
      write->result = std::unexpected(error);
    }
  }
}

Result<void> Writer::run_alone(const Body& body) {
  WRIT_CHECK(usable());
  WRIT_CHECK(begin());
  SqliteTx tx(*connection_, clock_, Access::write);
  auto result = run_body(body, tx);
  if (result) result = commit(tx.has_written());
  if (result) {
    ++writes_;
  } else if (connection_->is_in_transaction()) {
    if (auto undone = roll_back(); !undone) poison(undone.error());
  }
  return result;
}

Result<void> Writer::step(Control control, std::string_view doing) {
  const int code = connection_->control(control);
  if (code != SQLITE_OK) return std::unexpected(connection_->error(code, doing));
  return {};
}

// Who has the write lock sees every mark that there is: nobody sets one before this commits.
Result<void> Writer::begin() {
  WRIT_CHECK(step(Control::begin_write, "beginning a transaction"));
  if (fence_ == Fence::passes) return {};
  SqliteTx tx(*connection_, clock_, Access::read);
  auto is_here = expect_here(tx);
  if (is_here) return {};
  WRIT_CHECK(roll_back());
  return is_here;
}

Result<void> Writer::roll_back() { return step(Control::rollback, "rolling back"); }

Result<void> Writer::commit(bool has_written) {
  const int code = connection_->control(Control::commit);
  if (code == SQLITE_OK) {
    if (has_written) ++commits_;
    hub_.changed(written_);
    written_.clear();
    return {};
  }
  Error error = connection_->error(code, "committing");
  if (is_sync_failure(code)) poison(error, code);
  return std::unexpected(std::move(error));
}

void Writer::tidy() noexcept {
  if (log_frames_ < frames_at_attempt_) frames_at_attempt_ = 0;  // the log has begun anew
  if (is_poisoned_ || log_frames_ - frames_at_attempt_ < kCheckpointFrames) return;
  frames_at_attempt_ = log_frames_;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const bool has_failed = code != SQLITE_OK && code != SQLITE_BUSY;
  std::optional<Error> failure;
  if (has_failed) failure = connection_->error(code, "moving its log into the database");
  if (failure && is_sync_failure(code)) poison(*failure, code);
  const std::lock_guard lock(mutex_);
  checkpoint_failure_ = std::move(failure);
}

// What a sync did not bring to the disk, nobody saw: the log's index names a commit after its sync.
// So a disk that was full poisons only until the log has gone into the database, written and synced
// anew, and begins again from its start: then what was refused is nowhere, and what was committed
// is on the disk. Of a device that fails, only an opening finds out what it still holds.
Result<void> Writer::heal() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return usable();
  next_try_ = now + kBetweenTries;
  if (connection_->is_in_transaction()) WRIT_CHECK(roll_back());
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                             SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return usable();
  log_frames_ = 0;
  frames_at_attempt_ = 0;
  const std::lock_guard lock(mutex_);
  poison_.reset();
  checkpoint_failure_.reset();
  is_disk_full_ = false;
  is_poisoned_ = false;
  return {};
}

// `code`: of the sync that failed; 0: something else did.
void Writer::poison(Error error, int code) {
  const bool is_full = is_sync_failure(code) && is_for_want_of_space(connection_->handle());
  const std::lock_guard lock(mutex_);
  if (is_poisoned_) return;
  if (is_full) {
    poison_ =
        fail(Code::storage_failed, std::move(error.message), "Free disk space, then retry").error();
    is_disk_full_ = true;
    is_poisoned_ = true;
    return;
  }
  poison_ = fail(Code::storage_failed, std::move(error.message),
                 "Check the disk and its free space; the store has to be opened again, which "
                 "shows whether the last writes took effect")
                .error();
  is_poisoned_ = true;
}

Result<void> Writer::usable() const {
  if (!is_poisoned_) return {};
  const std::lock_guard lock(mutex_);
  WRIT_ASSERT(poison_.has_value());  // set before is_poisoned_
  return std::unexpected(*poison_);
}

Result<void> Writer::readable() const { return is_disk_full_ ? Result<void>{} : usable(); }

Result<void> Writer::last_checkpoint() const {
  const std::lock_guard lock(mutex_);
  if (checkpoint_failure_) return std::unexpected(*checkpoint_failure_);
  return {};
}

StoreStats Writer::stats() const { return {writes_, commits_}; }

}  // namespace writ::store
