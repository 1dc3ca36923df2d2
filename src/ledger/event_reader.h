#pragma once
// Finds events in one transaction: sequenced ones by index, any by the place that the tables of
// ids and runs give. Keeps the chunk it read last, so reading in order is cheap.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/entry.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "store/store.h"

namespace writ::ledger {

class EventReader {
 public:
  // `tx` is borrowed.
  static Result<EventReader> open(store::Tx& tx);

  std::uint64_t size() const { return head_.size; }

  // Errors: not_found.
  Result<Event> at(std::uint64_t index);

  // The event of which `place` was noted, sequenced or pending. `is_it` tells it from others:
  // where transactions run at once, several can have noted one place.
  using Test = std::function<bool(const Event&)>;
  Result<Event> at_place(std::uint64_t place, const Test& is_it);
  // Of several sources with one id the first that came. Errors: not_found.
  Result<Event> by_id(EventId id);
  // The row of events that holds it. Errors: not_found.
  Result<store::Row> chunk_of(EventId id);

 private:
  EventReader(store::Tx& tx, Frontier head) : tx_(&tx), head_(std::move(head)) {}

  struct Chunk {
    ChunkKey key;
    std::string bytes;
    std::vector<RecordView> records;  // views into `bytes`, whose heap block moves with it
    bool is_pending = true;

    bool covers(std::uint64_t place) const {
      return place >= key.place && place - key.place < records.size();
    }
  };
  Result<void> load(Chunk& chunk, store::Row row) const;
  Result<std::uint64_t> place_of(EventId id);
  // The chunk with an event at `place` for which `is_it` holds.
  Result<Chunk> find(std::uint64_t place, const Test& is_it);
  static Event event_at(const Chunk& chunk, std::uint64_t place);

  store::Tx* tx_;
  Frontier head_;
  Chunk last_;  // a sequenced one, or nothing
};

}  // namespace writ::ledger
