#pragma once
// The watches of one store in this process: who commits says which tables, a thread of the hub's
// own tells those who watch them. A committer never waits for a watcher. The thread exists from
// the first watch on.
//
// Thread-safe. Outlives its watches.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/store.h"
#include "store/tables_written.h"
#include "store/watch.h"

namespace writ::store {

class WatchHub {
 public:
  WatchHub() = default;
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Its first call (`perhaps`) is due at once.
  std::unique_ptr<Watch> add(const std::vector<Table>& tables, Waker wake);
  // A transaction has been committed. Costs next to nothing while nobody watches.
  void changed(const TablesWritten& tables);
  // Somebody may have committed something.
  void perhaps();

 private:
  struct Watcher;
  class Handle;

  void remove(const Watcher* watcher);
  void run();
  Watcher* next_due();

  std::atomic<bool> has_watchers_ = false;
  std::mutex mutex_;
  std::condition_variable due_;
  std::condition_variable told_;
  std::vector<std::shared_ptr<Watcher>> watchers_;
  std::size_t next_ = 0;  // whose turn it is
  const Watcher* being_told_ = nullptr;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace writ::store
