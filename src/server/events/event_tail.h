#pragma once
// The newest events of the log, read and decoded once for all who follow it: with a hundred streams
// an event costs one read, not a hundred, and those it does not concern are not bothered.
//
// Thread-safe.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"

namespace writ::server {

class EventTail {
 public:
  using Events = std::vector<std::shared_ptr<const ledger::Event>>;

  // Both are borrowed.
  EventTail(const ledger::Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}
  ~EventTail() { stop(); }
  EventTail(const EventTail&) = delete;
  EventTail& operator=(const EventTail&) = delete;

  // From now on news are read on a thread of the tail's own while anybody follows, and `wake` is
  // called after that: who follows then finds them here.
  void start(std::function<void()> wake);
  // Blocks until `wake` is not called any more.
  void stop();

  // The events that follow `cursor`, with it, at most `limit`. Errors: those of the log.
  Result<Events> read(std::uint64_t cursor, std::size_t limit);

  // Whether reading from `cursor` may bring what `filter` lets through. The cursor goes on past
  // what it does not. The log is not asked: for a thread that may not wait.
  bool may_have(const ledger::Filter& filter, std::uint64_t& cursor) const;

  // What stands in the log of one run from `cursor` on, found without a look at the events of
  // others: a part of it, and the index up to which that is all. Errors: those of the log.
  struct Past {
    Events events;
    std::uint64_t next = 0;
    bool is_cut = false;  // there may be more before the newest
  };
  Result<Past> past_of(RunId run, std::uint64_t cursor);

  // More events have their places. Until this is called for the first time the log is asked each
  // time, afterwards only when it was called since, or for a while not.
  void note_news();

  // Somebody who follows; the tail outlives it.
  class Following {
   public:
    explicit Following(EventTail& tail) : tail_(tail) { ++tail_.followers_; }
    ~Following() { --tail_.followers_; }
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;

   private:
    EventTail& tail_;
  };

 private:
  bool read_ahead(const std::stop_token& stop);
  std::optional<Events> kept(std::uint64_t cursor, std::size_t limit) const;
  Result<void> go_to(std::uint64_t cursor);
  Result<void> go_on(std::uint64_t cursor);
  Result<void> go_ahead(std::uint64_t cursor);
  void keep(Events read);
  bool has_unread() const;
  std::uint64_t end() const { return first_ + events_.size(); }

  const ledger::Ledger& ledger_;
  const Clock& clock_;
  std::atomic<std::uint64_t> news_{0};
  std::atomic<std::size_t> followers_{0};

  std::mutex reading_;        // held while the log is read: who comes next finds it here
  mutable std::mutex mutex_;  // guards what follows, and is never held for long
  std::uint64_t first_ = 0;
  std::deque<std::shared_ptr<const ledger::Event>> events_;  // from first_ on, without gaps
  std::size_t bytes_ = 0;                                    // of their payloads
  std::uint64_t heard_ = 0;                                  // of the news, when all was read
  std::uint64_t wanted_ = 0;                                 // last asked for of what is not here
  std::chrono::steady_clock::time_point read_at_{};
  bool reads_ahead_ = false;
  bool is_due_ = false;  // there are news that the own thread has not looked at
  bool is_cut_ = false;  // it left some to those who follow
  std::condition_variable_any due_;
  std::jthread reader_;
};

}  // namespace writ::server
