#pragma once
// Load on servers over HTTP, of which every acknowledged piece is remembered: what was answered for
// is in the log, once, whatever happened to the servers meanwhile.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "store/store.h"

namespace writ::chaos {

// What writers find out, and where they find the servers. Thread-safe.
class Board {
 public:
  explicit Board(std::size_t servers) : urls_(servers) {}

  void set(std::size_t server, std::string url);
  std::string url(std::size_t server) const;
  std::size_t servers() const { return urls_.size(); }
  void acknowledge(const std::vector<std::string>& ids);
  // Something that no caller could make sense of.
  void complain(const std::string& about);
  // A refusal that told the caller to ask again.
  void note_refusal() { ++refusals_; }

  std::set<std::string> acknowledged() const;
  std::vector<std::string> complaints() const;
  std::size_t refusals() const { return refusals_; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> urls_;
  std::set<std::string> acknowledged_;
  std::vector<std::string> complaints_;
  std::atomic<std::size_t> refusals_ = 0;
};

// Each writes events at random servers, and asks again, wherever, for what was not answered for.
class EventWriters {
 public:
  static constexpr std::size_t kEventsEach = 5;  // in one request

  // `board` is borrowed. `token`: good at all servers for as long as the writers write.
  EventWriters(Board& board, std::string token, std::uint64_t seed)
      : board_(board), token_(std::move(token)), seed_(seed) {}
  ~EventWriters() { stop(); }
  EventWriters(const EventWriters&) = delete;
  EventWriters& operator=(const EventWriters&) = delete;

  void begin(std::size_t writers);
  void stop() { threads_.clear(); }
  // Until so many more events were answered for. The test fails after `patience`.
  void wait_for_more(std::size_t events,
                     std::chrono::seconds patience = std::chrono::seconds(120)) const;

 private:
  Board& board_;
  const std::string token_;
  const std::uint64_t seed_;
  std::vector<std::jthread> threads_;
};

// Each event that was answered for is in the log once; places are given once. Nobody else uses the
// store. `origin`: of the log; of one without a name, which nobody signs, that it verifies too.
void expect_whole(const Board& board, store::Store& store, std::string_view origin);

}  // namespace writ::chaos
