#pragma once
// A bounded pool of threads for handlers that may block. What does not fit into the queue is
// refused at once, so that a slow store never becomes a growing heap. Thread-safe.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace writ::net {

class WorkerPool {
 public:
  // What is to be done; told which of the pool's threads does it.
  using Task = std::function<void(std::size_t thread)>;

  WorkerPool(unsigned threads, std::size_t queue_limit);
  // Finishes what waits.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: the queue is full, `task` was not taken.
  [[nodiscard]] bool try_post(Task task);

 private:
  void work(std::size_t thread);

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<Task> queue_;
  bool is_stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace writ::net
