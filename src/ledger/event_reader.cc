#include "ledger/event_reader.h"

#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

// Pending rows that share a place; more than a few would mean as many appends in one instant.
constexpr std::size_t kPlaceLimit = 1024;

}  // namespace

Result<EventReader> EventReader::open(store::Tx& tx) {
  WRIT_TRY(Frontier head, load_head(tx));
  return EventReader(tx, std::move(head));
}

Result<void> EventReader::load_segment(std::uint64_t index) {
  if (index >= segment_first_ && index - segment_first_ < records_.size()) return {};
  records_.clear();
  WRIT_TRY(auto rows, tx_->scan(kSegments, from_number(index), 1));
  if (rows.empty()) return fail(Code::tampered, "event " + std::to_string(index) + " is gone");
  WRIT_TRY(const std::uint64_t last, decode_number(rows.front().key));
  segment_ = std::move(rows.front().value);
  WRIT_TRY(records_, split_segment(segment_));
  segment_first_ = last + 1 - records_.size();
  if (index >= segment_first_) return {};
  records_.clear();
  return fail(Code::tampered, "event " + std::to_string(index) + " is gone");
}

Result<RecordView> EventReader::record_at(std::uint64_t index) {
  WRIT_CHECK(load_segment(index));
  return records_[index - segment_first_];
}

Result<Event> EventReader::at(std::uint64_t index) {
  if (index >= size()) return fail(Code::not_found, "no event " + std::to_string(index));
  WRIT_TRY(const RecordView record, record_at(index));
  WRIT_TRY(Event event, decode_record(record));
  event.index = index;
  return event;
}

Result<Event> EventReader::at_place(std::uint64_t place, const Test& is_it) {
  if (place < size()) {
    WRIT_TRY(Event event, at(place));
    if (is_it(event)) return event;
  }
  WRIT_TRY(const auto rows, tx_->scan(kPending, store::Key().number(place).under(), kPlaceLimit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const PendingView pending, decode_pending(row.value));
    std::string_view bytes = pending.record;
    WRIT_TRY(const RecordView record, take_record(bytes));
    WRIT_TRY(Event event, decode_record(record));
    if (is_it(event)) return event;
  }
  return fail(Code::tampered, "an event noted at place " + std::to_string(place) + " is gone");
}

Result<Event> EventReader::by_id(EventId id, std::string_view source) {
  const store::KeyRange range =
      source.empty() ? store::Key().id(id).under() : store::Key().id(id).text(source).under();
  WRIT_TRY(const auto rows, tx_->scan(kIds, range, 1));
  if (rows.empty()) return fail(Code::not_found, "no event " + id.text());
  WRIT_TRY(const std::uint64_t place, decode_number(rows.front().value));
  const std::string& key = rows.front().key;
  return at_place(
      place, [&](const Event& event) { return id_key(event.entry.id, event.entry.source) == key; });
}

}  // namespace writ::ledger
