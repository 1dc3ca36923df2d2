#include "ledger/erase.h"

#include "ledger/event_reader.h"
#include "ledger/event_types.h"
#include "ledger/record.h"

namespace writ::ledger {
namespace {

// The chunk again, with the one record erased.
std::string erase_in_chunk(const std::vector<RecordView>& records, EventId event,
                           EventId erased_by) {
  std::string chunk;
  for (const RecordView& record : records) {
    const Event old = to_event(record);
    if (record.id == event) {
      append_erased_record(chunk, old.entry, old.payload_digest, erased_by);
    } else if (record.erased_by) {
      append_erased_record(chunk, old.entry, old.payload_digest, *record.erased_by);
    } else {
      append_record(chunk, old.entry, old.payload_digest, old.salt);
    }
  }
  return chunk;
}

}  // namespace

Result<void> erase_payload(Ledger& ledger, store::Tx& tx, EventId event, const Entry& because) {
  if (because.type != kPayloadErased || because.subject != erased_subject(event)) {
    return fail(Code::invalid_input, "an erasure needs an event that says so: of type " +
                                         std::string(kPayloadErased) + " about " +
                                         erased_subject(event));
  }
  WRIT_TRY(EventReader reader, EventReader::open(tx));
  WRIT_TRY(const Event found, reader.by_id(event));
  if (found.payload_state == Event::Payload::erased) return {};
  WRIT_TRY(const store::Row row, reader.chunk_of(event));
  WRIT_TRY(const auto records, split_chunk(row.value));
  WRIT_CHECK(tx.put(kEvents, row.key, erase_in_chunk(records, event, because.id)));
  WRIT_CHECK(ledger.append(tx, because));
  return {};
}

}  // namespace writ::ledger
