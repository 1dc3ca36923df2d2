#pragma once
// The writing connection: turns a batch of closures into one durable transaction.
//
// The closures run one behind the other in the bare transaction. When one fails after it wrote, all
// of them run again, each in a savepoint, so that it alone is undone: that is rare, and a savepoint
// copies every page that its closure touches. When the transaction is lost (disk full, I/O error),
// every closure of the batch is run once more in a transaction of its own, so that one which does
// not fit fails alone. After a failed sync nothing is known any more about what is durable: the
// writer is poisoned.
//
// `run` and `tidy` are called by one thread at a time; the rest is thread-safe.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/group_commit.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_tx.h"
#include "store/store.h"
#include "store/store_clock.h"
#include "store/tables_written.h"
#include "store/watch_hub.h"

namespace writ::store {

class Writer final : public BatchRunner {
 public:
  // Clock and hub are borrowed.
  Writer(std::unique_ptr<Connection> connection, StoreClock& clock, WatchHub& hub, Fence fence);
  ~Writer() override;

  void run(Batch& batch) noexcept override;
  // Moves the write-ahead log into the database when it has grown long enough.
  void tidy() noexcept override;

  // storage_failed once the writer is poisoned, which a full disk does for as long as it is full.
  Result<void> usable() const;
  // The same, but for a full disk: what was committed is whole, and can be read.
  Result<void> readable() const;
  // The failure of the last checkpoint, if it failed: commits go on, the log grows.
  Result<void> last_checkpoint() const;
  StoreStats stats() const;

 private:
  // Errors: unavailable (the store has moved): there is no transaction.
  Result<void> begin();
  Result<void> commit(bool has_written);
  Result<void> roll_back();
  enum class Outcome : std::uint8_t {
    idle,       // nothing was changed, or it was undone
    changed,    // the transaction holds its changes
    entangled,  // it failed, and its changes can be undone only with those of the others
  };
  // Errors: the transaction is lost.
  Result<Outcome> run_in_batch(PendingWrite& write, bool has_changes, bool in_savepoint);
  // Every closure of the batch again, each in a savepoint: whether any left changes.
  Result<bool> run_apart(const Batch& batch);
  Result<void> step(Control control, std::string_view doing);
  void settle(Batch& batch, const Error& error);
  Result<void> run_alone(const Body& body);
  Result<void> run_body(const Body& body, SqliteTx& tx);
  void poison(Error error, int code = 0);
  // Poisoned by a full disk, the writer is tried again now and then.
  Result<void> heal();
  static int note_log_length(void* self, sqlite3* db, const char* name, int frames);

  std::unique_ptr<Connection> connection_;
  StoreClock& clock_;
  WatchHub& hub_;
  const Fence fence_;
  TablesWritten written_;      // of the transaction under way, or of one given up
  int log_frames_ = 0;         // in the write-ahead log after the last commit
  int frames_at_attempt_ = 0;  // when a checkpoint was last tried

  std::atomic<std::uint64_t> writes_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<bool> is_poisoned_ = false;
  std::atomic<bool> is_disk_full_ = false;  // which poisoned it
  std::chrono::steady_clock::time_point next_try_;
  mutable std::mutex mutex_;
  std::optional<Error> poison_;
  std::optional<Error> checkpoint_failure_;
};

}  // namespace writ::store
