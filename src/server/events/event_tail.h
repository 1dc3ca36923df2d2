#pragma once
// The newest events of the log, read and decoded once for all who follow it: with a hundred streams
// an event costs one read, not a hundred.
//
// Thread-safe.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"

namespace writ::server {

class EventTail {
 public:
  using Events = std::vector<std::shared_ptr<const ledger::Event>>;

  // Both are borrowed.
  EventTail(const ledger::Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}

  // The events that follow `cursor`, with it, at most `limit`. Errors: those of the log.
  Result<Events> read(std::uint64_t cursor, std::size_t limit);

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
  void note_news() { news_.fetch_add(1, std::memory_order_release); }

 private:
  Result<void> go_on();
  Result<void> go_ahead(std::uint64_t cursor);
  bool may_have_more() const;
  void keep(Events read);
  std::uint64_t end() const { return first_ + events_.size(); }

  const ledger::Ledger& ledger_;
  const Clock& clock_;
  std::atomic<std::uint64_t> news_{0};

  std::mutex mutex_;  // guards what follows; held while the log is read: who comes next finds it
  std::uint64_t first_ = 0;
  std::deque<std::shared_ptr<const ledger::Event>> events_;  // from first_ on, without gaps
  std::size_t bytes_ = 0;                                    // of their payloads
  std::uint64_t heard_ = 0;                                  // of the news, when the log was read
  std::chrono::steady_clock::time_point read_at_{};
};

}  // namespace writ::server
