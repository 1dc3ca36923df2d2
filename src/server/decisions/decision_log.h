#pragma once
// Takes events of decisions from many threads, and has them durable soon: a thread of its own
// writes what came in an interval as one batch. Bounded: when the queue is full, deciding waits or
// events are dropped and counted, as configured.
//
// What a crash loses: with Flush::interval the events of the last interval and of the write that
// is under way, and never more than those of ten intervals (half a second at least) where deciding
// waits for room; with Flush::each none whose `wait_until_durable` returned. An event is kept whole
// or not at all.
//
// Thread-safe.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "server/decisions/buffer.h"
#include "server/decisions/counters.h"
#include "server/decisions/options.h"

namespace writ::server {

// Where events go beside the buffer; borrowed, may be null.
struct DecisionLogStreams {
  std::ostream* console = nullptr;  // each event as a line
  std::ostream* errors = nullptr;   // for people: what is lost, at most once a second
};

class DecisionLog {
 public:
  // `buffer`: nullptr when events are only printed; borrowed, like `counters`.
  DecisionLog(const DecisionLogOptions& options, DecisionBuffer* buffer, DecisionCounters& counters,
              const Clock& clock, const DecisionLogStreams& streams);
  // Writes what is queued, whether or not the buffer is full.
  ~DecisionLog();
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // Room for one more. Also false when deciding should wait because the disk is far behind.
  bool has_room() const;
  // Whether there was room before `deadline`.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

  // Takes one event, a line of JSON without its newline. Never waits. Returns its ticket; 0 when
  // it was dropped, which has been counted.
  std::uint64_t append(std::string_view event);
  // Errors: unavailable (not durable before `deadline`, with what the store said of it).
  Result<void> wait_until_durable(std::uint64_t ticket,
                                  std::chrono::steady_clock::time_point deadline,
                                  const std::stop_token& stop);

  // Called after each write, on the writer's thread: there is something to upload. Set before the
  // first event.
  void set_on_written(std::function<void()> on_written) { on_written_ = std::move(on_written); }
  // Wakes a writer that waits because the buffer is full.
  void note_room();
  // Why the last write failed; nothing when it did not.
  std::optional<Error> problem() const;

 private:
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  // Whether `batch_` was written.
  bool write_batch(bool is_last);
  bool is_within_rate();
  void note_oldest();
  void say_losses();

  const DecisionLogOptions options_;
  DecisionBuffer* const buffer_;
  DecisionCounters& counters_;
  const Clock& clock_;
  const DecisionLogStreams streams_;
  std::function<void()> on_written_;

  mutable std::mutex mutex_;
  std::condition_variable writer_wakes_;
  std::condition_variable_any others_wake_;
  std::string pending_;        // lines that wait for the writer
  std::uint64_t taken_ = 0;    // tickets that were given
  std::uint64_t durable_ = 0;  // tickets up to this one are
  std::size_t waiting_ = 0;    // callers of wait_until_durable
  bool is_stopping_ = false;
  bool has_new_room_ = false;
  std::optional<Error> problem_;
  double allowance_ = 0;  // decisions that the rate has left
  std::chrono::steady_clock::time_point allowed_at_;
  std::int64_t pending_since_ = 0;       // when the first of pending_ came, by the steady clock
  std::int64_t batch_since_ = 0;         // the same of batch_; 0: there is none
  std::atomic<std::size_t> queued_{0};   // bytes in pending_ and in batch_
  std::atomic<std::int64_t> oldest_{0};  // when the oldest of them came; 0: there is none

  // The writer's own.
  std::string batch_;
  std::uint64_t said_ = 0;  // losses that were said
  std::chrono::steady_clock::time_point said_at_;
  std::thread writer_;
};

}  // namespace writ::server
