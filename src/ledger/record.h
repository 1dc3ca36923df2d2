#pragma once
// How events lie in rows: compact and binary, every form with one encoding, so that whatever is
// changed in a row either cannot be read or changes the leaf that is made from it.
//
// A row holds a chunk: events that were appended together, in order. A record in it is the id,
// then type, source, subject, actor, correlation and causation (each a length and its bytes),
// time, run, seq, payload digest, state; then the texts of its context and its signatures, where
// it has any; then salt and payload, or who erased them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/entry.h"

namespace writ::ledger {

inline constexpr std::size_t kSaltSize = 16;
// A chunk is closed by whichever it reaches first. Larger ones would make appending cheaper and
// reading one event dearer.
inline constexpr std::size_t kChunkRecords = 64;
inline constexpr std::size_t kChunkBytes = 8192;

// An event as its row has it. Views into the row.
struct RecordView {
  EventId id;
  std::string_view type, source, subject, actor, correlation, causation;
  WallTime time;
  RunId run;
  std::uint64_t seq = 0;
  Digest payload_digest;
  EventContextView context;
  std::string_view signatures;
  std::string_view salt;
  std::string_view payload;
  std::optional<EventId> erased_by;
};

// Appends a record to a chunk. Requires: what check_entry demands of the entry.
void append_record(std::string& chunk, const Entry& entry, const Digest& payload_digest,
                   std::string_view salt);
// As above; salt and payload are gone.
void append_erased_record(std::string& chunk, const Entry& entry, const Digest& payload_digest,
                          EventId erased_by);
// The records of a chunk, at least one. Errors: tampered.
Result<std::vector<RecordView>> split_chunk(std::string_view chunk);
// The event, its payload judged: intact, erased, or missing when digest and bytes disagree.
Event to_event(const RecordView& record);

}  // namespace writ::ledger
