#include "net/worker_pool.h"

#include <utility>

namespace writ::net {

WorkerPool::WorkerPool(unsigned threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this, i] { work(i); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wakes_.notify_all();
}

bool WorkerPool::try_post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_ || is_stopping_) return false;
    queue_.push_back(std::move(task));
  }
  wakes_.notify_one();
  return true;
}

void WorkerPool::work(std::size_t thread) {
  std::unique_lock lock(mutex_);
  while (true) {
    wakes_.wait(lock, [&] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task(thread);
    lock.lock();
  }
}

}  // namespace writ::net
