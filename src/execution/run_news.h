#pragma once
// Drives that wait for somebody's word, and one look at the store for all of them: whoever writes
// to a run wakes who waits for that run, and nobody else.
//
// Thread-safe. Waiters go before it does.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::execution {

class RunNews {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `store` is borrowed. Nothing is watched before somebody waits.
  explicit RunNews(store::Store& store) : store_(store) {}
  ~RunNews();
  RunNews(const RunNews&) = delete;
  RunNews& operator=(const RunNews&) = delete;

  // Until the run's next event has another number than `next`: true. False: `end` came, or `stop`
  // was asked for. Errors: those of the store.
  Result<bool> wait(RunId run, std::uint64_t next, const std::stop_token& stop, Time end);

 private:
  struct Waiter {
    RunId run;
    std::uint64_t next = 0;
    bool is_called = false;  // it has moved, or nobody could tell
    std::condition_variable_any called;
  };
  using Waiters = std::list<Waiter>;

  Result<void> begin();
  void keep_looking(const std::stop_token& stop);
  void look();

  store::Store& store_;
  std::mutex mutex_;  // guards what follows
  Waiters waiters_;
  bool has_rung_ = false;
  std::condition_variable_any rung_;
  std::unique_ptr<store::Watch> watch_;
  std::jthread looker_;  // a watch may not ask the store
};

}  // namespace writ::execution
