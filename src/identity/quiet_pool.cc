#include "identity/quiet_pool.h"

#include <sys/resource.h>

#include <algorithm>

namespace writ::identity {
namespace {

// How much nicer the pool's threads are than the one that made them, and the nicest there is.
constexpr int kNicer = 10;
constexpr int kNicest = 19;

}  // namespace

QuietPool::QuietPool(unsigned threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

QuietPool::~QuietPool() {
  std::deque<Job> left;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    left.swap(queue_);
  }
  wakes_.notify_all();
  for (const Job& job : left) job.cancel();
  threads_.clear();  // joins
}

std::size_t QuietPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

Result<void> QuietPool::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return cancelled();
    if (queue_.size() >= queue_limit_) {
      return fail(Code::overloaded, "too many passwords are being checked");
    }
    queue_.push_back(std::move(job));
  }
  wakes_.notify_one();
  return {};
}

void QuietPool::work() {
  // Of this thread alone: Linux counts niceness by thread. To become nicer is always allowed.
  const int nicer = std::min(kNicest, ::getpriority(PRIO_PROCESS, 0) + kNicer);
  const int lowered = ::setpriority(PRIO_PROCESS, 0, nicer);
  WRIT_ASSERT(lowered == 0);
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wakes_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job.run();
  }
}

std::unexpected<Error> QuietPool::cancelled() {
  return fail(Code::cancelled, "the password was not checked: the server is shutting down",
              "Log in again at another server");
}

std::unexpected<Error> QuietPool::timed_out() {
  return fail(Code::timed_out, "the password was not checked in time", "Wait a moment and retry");
}

}  // namespace writ::identity
