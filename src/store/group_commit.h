#pragma once
// Lets writes that wait at the same time share one commit. There is no writer thread: the first
// caller to find nobody leading becomes the leader and runs everybody's closures on its own
// thread, so a lone writer never hops threads. Writes that arrive while the batch runs still join
// it; those that arrive during the sync form the next batch, led by the first of them.
//
// A thread of its own exists from the first `write_async` on. It leads when only asynchronous
// writes wait, and it alone calls `done`, so that no caller runs another's callback.
//
// Thread-safe. Destroyed only when no `write` is under way; finishes asynchronous writes first.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace writ::store {

class Tx;

using Body = std::function<Result<void>(Tx&)>;
using Done = std::function<void(Result<void>)>;

// One closure on its way through a commit. Shared, because whoever wakes a waiting caller may
// still touch it after that caller has gone on.
struct PendingWrite {
  enum class Phase : std::uint32_t { queued, leads, finished };

  const Body* body = nullptr;
  Result<void> result;
  std::atomic<Phase> phase = Phase::queued;
  // Asynchronous writes only.
  Body own_body;
  Done done;
  bool is_async() const { return body == &own_body; }
};

class GroupCommit;

// The writes of one commit, handed out one by one while the commit is being prepared.
class Batch {
 public:
  explicit Batch(GroupCommit& source) : source_(source) {}

  // The next write, or nullptr when nobody waits or the batch is full. Every write handed out
  // must have its `result` when the runner returns.
  PendingWrite* next();
  // Everybody who waits, whatever the limits: for failing them all at once.
  void take_all();

  const std::vector<std::shared_ptr<PendingWrite>>& taken() const { return taken_; }

 private:
  GroupCommit& source_;
  std::chrono::steady_clock::time_point first_taken_;
  std::vector<std::shared_ptr<PendingWrite>> taken_;
};

// What a backend does with a batch. Called by one thread at a time.
class BatchRunner {
 public:
  virtual ~BatchRunner() = default;
  // Takes at least one write from `batch` and gives each its result, durably.
  virtual void run(Batch& batch) noexcept = 0;
  // Upkeep after the waiting callers have been released.
  virtual void tidy() noexcept = 0;
};

struct GroupCommitLimits {
  // Bounds how long the first write of a batch can wait for those that join it.
  std::size_t writes = 1024;
  std::chrono::milliseconds open_for{10};
  // Asynchronous writes that are not done yet: who writes faster than the disk is told so.
  std::size_t async_writes = 65'536;
};

class GroupCommit {
 public:
  // Both are borrowed.
  GroupCommit(BatchRunner& runner, const Clock& clock, GroupCommitLimits limits = {});
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Blocks until `body` is committed or has failed.
  Result<void> write(const Body& body);
  // Errors: overloaded.
  Result<void> write_async(Body body, Done done);

 private:
  friend class Batch;

  void lead_round();
  void hand_over();
  void run_own_thread();
  void call_back(std::unique_lock<std::mutex>& lock);

  BatchRunner& runner_;
  const Clock& clock_;
  const GroupCommitLimits limits_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<PendingWrite>> queue_;
  bool is_led_ = false;
  std::vector<std::shared_ptr<PendingWrite>> finished_async_;
  std::size_t async_writes_ = 0;  // queued, or not called back yet
  bool is_stopping_ = false;
  std::condition_variable own_thread_wakes_;
  std::thread own_thread_;
};

}  // namespace writ::store
