#include "store/memory/memory_store.h"

#include <mutex>
#include <utility>

#include "base/clock.h"
#include "store/group_commit.h"
#include "store/memory/memory_tx.h"
#include "store/moved.h"
#include "store/watch_hub.h"

namespace writ::store {
namespace {

class MemoryStore final : public Store, private BatchRunner {
 public:
  MemoryStore(const Clock& clock, Fence fence)
      : fence_(fence), clock_(clock), commits_(*this, clock) {
    tables_.emplace(kMigrationsTable.name, std::make_shared<Rows>());
  }

  Result<void> write_async(Body body, Done done) override {
    return commits_.write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach /*memory is this process's*/) override {
    return hub_.add(tables, std::move(wake));
  }
  // Nothing outside can break memory.
  Result<void> check() override { return {}; }
  StoreStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 protected:
  Result<void> write_erased(const Body& body) override { return commits_.write(body); }

  Result<void> read_erased(const Body& body) override {
    Tables snapshot;
    {
      const std::lock_guard lock(mutex_);
      snapshot = tables_;
    }
    MemoryTx tx(snapshot, clock_, Access::read);
    auto result = body(tx);
    // Released under the lock, so that a writer who finds a table unshared may change it.
    const std::lock_guard lock(mutex_);
    snapshot.clear();
    return result;
  }

 private:
  void run(Batch& batch) noexcept override {
    bool has_written = false;
    TablesWritten written;
    while (PendingWrite* const write = batch.next()) {
      const std::lock_guard lock(mutex_);
      MemoryTx tx(tables_, clock_, Access::write);
      write->result = fence_ == Fence::heeds ? expect_here(tx) : Result<void>{};
      if (write->result) write->result = (*write->body)(tx);
      if (write->result) {
        ++stats_.writes;
        written.note_all(tx.tables_written());
        has_written = has_written || tx.has_written();
      } else {
        tx.undo();
      }
    }
    {
      const std::lock_guard lock(mutex_);
      if (has_written) ++stats_.commits;
    }
    hub_.changed(written);
  }
  void tidy() noexcept override {}

  const Fence fence_;
  StoreClock clock_;
  mutable std::mutex mutex_;
  Tables tables_;
  StoreStats stats_;
  WatchHub hub_;
  GroupCommit commits_;  // last: its thread ends before the rest goes
};

}  // namespace

std::unique_ptr<Store> make_memory_store(const Clock& clock, Fence fence) {
  return std::make_unique<MemoryStore>(clock, fence);
}

}  // namespace writ::store
