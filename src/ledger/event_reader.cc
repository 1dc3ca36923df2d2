#include "ledger/event_reader.h"

#include "ledger/tree.h"

namespace writ::ledger {
namespace {

// Chunks that may have to be looked through for a place; more would mean as many appends in one
// instant.
constexpr std::size_t kSharingLimit = 1024;

}  // namespace

Result<EventReader> EventReader::open(store::Tx& tx) {
  WRIT_TRY(Frontier head, load_head(tx));
  return EventReader(tx, std::move(head));
}

Result<void> EventReader::load(Chunk& chunk, store::Row row) const {
  WRIT_TRY(chunk.key, ChunkKey::parse(row.key));
  chunk.bytes = std::move(row.value);
  WRIT_TRY(chunk.records, split_chunk(chunk.bytes));
  chunk.is_pending = chunk.key.place >= head_.size;
  if (chunk.is_pending) return {};
  WRIT_TRY(const auto pending, tx_->get(kPending, row.key));
  chunk.is_pending = pending.has_value();
  return {};
}

Event EventReader::event_at(const Chunk& chunk, std::uint64_t place) {
  Event event = to_event(chunk.records[place - chunk.key.place]);
  if (!chunk.is_pending) event.index = place;
  return event;
}

Result<Event> EventReader::at(std::uint64_t index) {
  if (index >= size()) return fail(Code::not_found, "no event " + std::to_string(index));
  return at_place(index, [](const Event& event) { return event.index.has_value(); });
}

Result<Event> EventReader::at_place(std::uint64_t place, const Test& is_it) {
  if (last_.covers(place)) {
    if (Event event = event_at(last_, place); is_it(event)) return event;
  }
  WRIT_TRY(Chunk chunk, find(place, is_it));
  Event event = event_at(chunk, place);
  if (!chunk.is_pending) last_ = std::move(chunk);
  return event;
}

// The chunk that begins last among those that begin at `place` or before has it; another one only
// where places are shared.
Result<EventReader::Chunk> EventReader::find(std::uint64_t place, const Test& is_it) {
  const std::uint64_t lowest = place - std::min<std::uint64_t>(place, kChunkRecords - 1);
  const store::KeyRange range{number_key(lowest), store::Key().number(place).under().last};
  for (const std::size_t limit : {std::size_t{1}, kSharingLimit}) {
    WRIT_TRY(auto rows, tx_->scan(kEvents, range, limit, store::Order::descending));
    for (store::Row& row : rows) {
      Chunk chunk;
      WRIT_CHECK(load(chunk, std::move(row)));
      if (chunk.covers(place) && is_it(event_at(chunk, place))) return chunk;
    }
  }
  return fail(Code::tampered, "event " + std::to_string(place) + " is gone");
}

Result<std::uint64_t> EventReader::place_of(EventId id) {
  WRIT_TRY(const auto noted, tx_->get(kIds, id_key(id)));
  if (!noted) return fail(Code::not_found, "no event " + id.text());
  return decode_number(*noted);
}

Result<Event> EventReader::by_id(EventId id) {
  WRIT_TRY(const std::uint64_t place, place_of(id));
  return at_place(place, [&](const Event& event) { return event.entry.id == id; });
}

Result<store::Row> EventReader::chunk_of(EventId id) {
  WRIT_TRY(const std::uint64_t place, place_of(id));
  WRIT_TRY(Chunk chunk, find(place, [&](const Event& event) { return event.entry.id == id; }));
  return store::Row{chunk.key.bytes(), std::move(chunk.bytes)};
}

}  // namespace writ::ledger
