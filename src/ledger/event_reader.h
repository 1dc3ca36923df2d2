#pragma once
// Finds events in one transaction: sequenced ones by index, any by the place that the tables of
// ids and runs give. Keeps the segment it read last, so reading in order is cheap.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
#include "store/store.h"

namespace writ::ledger {

class EventReader {
 public:
  // `tx` is borrowed.
  static Result<EventReader> open(store::Tx& tx);

  std::uint64_t size() const { return head_.size; }
  const Frontier& head() const { return head_; }

  // The record at an index below size(); valid until the next call. Errors: tampered.
  Result<RecordView> record_at(std::uint64_t index);
  Result<Event> at(std::uint64_t index);

  // The event of which `place` was noted, sequenced or pending. `is_it` tells it from others:
  // where transactions run at once, several can have noted one place.
  using Test = std::function<bool(const Event&)>;
  Result<Event> at_place(std::uint64_t place, const Test& is_it);
  // Errors: not_found. With `source` empty: the first by that id.
  Result<Event> by_id(EventId id, std::string_view source = {});

 private:
  EventReader(store::Tx& tx, Frontier head) : tx_(&tx), head_(std::move(head)) {}
  Result<void> load_segment(std::uint64_t index);

  store::Tx* tx_;
  Frontier head_;
  std::string segment_;
  std::uint64_t segment_first_ = 0;
  std::vector<RecordView> records_;  // views into segment_
};

}  // namespace writ::ledger
