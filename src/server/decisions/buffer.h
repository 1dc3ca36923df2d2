#pragma once
// Events that nobody has taken yet, in a store: numbered in the order in which they came, and gone
// when they were delivered. Many events make one row, so that a flush is one write.
//
// Thread-safe. Several processes may share one store.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace writ::server {

struct KeptEvent {
  std::uint64_t number = 0;
  std::string text;  // JSON on one line
};

struct BufferUsage {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

// What a buffer may hold; more makes `append` say so, or the oldest go.
struct BufferLimits {
  std::uint64_t events;
  std::uint64_t bytes;
  bool rotates = false;  // the oldest go
};

class DecisionBuffer {
 public:
  // Makes the tables. Errors: those of the store.
  static Result<std::unique_ptr<DecisionBuffer>> open(std::unique_ptr<store::Store> store);

  // Writes lines of JSON, each with its newline, durably and all of them or none. Returns how many
  // old events went to make room. Blocking. Errors: overloaded (no room), those of the store.
  Result<std::uint64_t> append(std::string_view lines, const BufferLimits& limits);
  // The oldest events, in their order: as many as have `bytes`, at least one if there is one.
  Result<std::vector<KeptEvent>> oldest(std::size_t bytes);
  // Forgets the events up to this number.
  Result<void> remove_through(std::uint64_t number);
  Result<BufferUsage> usage();

 private:
  explicit DecisionBuffer(std::unique_ptr<store::Store> store) : store_(std::move(store)) {}
  std::unique_ptr<store::Store> store_;
};

// The event of a decision as `store` keeps it, for people who ask about it. Reads one row after
// the other. Errors: not_found, those of the store.
Result<std::string> find_decision(store::Store& store, std::string_view decision_id);

}  // namespace writ::server
