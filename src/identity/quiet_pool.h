#pragma once
// A few threads of low priority for work that takes long on the processor, behind a bounded queue:
// what does not fit is refused at once, and whoever waits does so at most until a deadline or stop.
//
// Thread-safe. The destructor finishes what runs; who still waits in the queue gets `cancelled`.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace writ::identity {

// How long a caller waits.
struct QuietWait {
  std::stop_token stop = {};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

class QuietPool {
 public:
  QuietPool(unsigned threads, std::size_t queue_limit);
  ~QuietPool();
  QuietPool(const QuietPool&) = delete;
  QuietPool& operator=(const QuietPool&) = delete;

  // What `work` returns, run on a thread of the pool. Blocking. `work` must own what it uses: it
  // may outlast a caller that stops waiting. Errors: those of `work`; overloaded (the queue is
  // full), timed_out, cancelled (stopped, or the pool ends).
  template <typename T>
  Result<T> run(std::function<Result<T>()> work, const QuietWait& wait = {});

  // In the queue, without those that run.
  std::size_t waiting() const;

 private:
  template <typename T>
  struct Pending;
  struct Job {
    std::function<void()> run;
    std::function<void()> cancel;
  };

  Result<void> post(Job job);
  void work();
  static std::unexpected<Error> cancelled();
  static std::unexpected<Error> timed_out();

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;  // of the following
  std::condition_variable wakes_;
  std::deque<Job> queue_;
  bool is_stopping_ = false;
  std::vector<std::jthread> threads_;  // last: they end before the rest
};

// Shared by who waits and who works: either may be the last to let go.
template <typename T>
struct QuietPool::Pending {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Result<T>> outcome;
  bool is_abandoned = false;

  bool is_wanted() {
    const std::lock_guard lock(mutex);
    return !is_abandoned;
  }
  void finish(Result<T> result) {
    {
      const std::lock_guard lock(mutex);
      outcome.emplace(std::move(result));
    }
    changed.notify_all();
  }
  Result<T> await(const QuietWait& wait) {
    std::unique_lock lock(mutex);
    changed.wait_until(lock, wait.stop, wait.deadline, [&] { return outcome.has_value(); });
    if (outcome) return *std::move(outcome);
    is_abandoned = true;
    return wait.stop.stop_requested() ? cancelled() : timed_out();
  }
};

template <typename T>
Result<T> QuietPool::run(std::function<Result<T>()> work, const QuietWait& wait) {
  const auto pending = std::make_shared<Pending<T>>();
  WRIT_CHECK(post({[pending, work = std::move(work)] {
                     if (pending->is_wanted()) pending->finish(work());
                   },
                   [pending] { pending->finish(cancelled()); }}));
  return pending->await(wait);
}

}  // namespace writ::identity
