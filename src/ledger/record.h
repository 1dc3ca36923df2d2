#pragma once
// How events lie in rows. A record is the leaf, byte for byte, and the salt and payload that its
// digest binds; once erased, the id of the event that says so stands in their place. A segment
// is up to 64 records in index order. Every form has one encoding: reading refuses the rest.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/entry.h"

namespace writ::ledger {

inline constexpr std::size_t kSaltSize = 16;
// A segment is closed by whichever it reaches first.
inline constexpr std::size_t kSegmentRecords = 64;
inline constexpr std::size_t kSegmentBytes = 64 * 1024;

// Views into the row.
struct RecordView {
  std::string_view leaf;
  std::string_view salt;
  std::string_view payload;
  std::optional<EventId> erased_by;
};

std::string encode_record(std::string_view leaf, std::string_view salt, std::string_view payload);
std::string encode_erased_record(std::string_view leaf, EventId erased_by);
// Takes one record off the front of `bytes`. Errors: tampered.
Result<RecordView> take_record(std::string_view& bytes);
// The event, its payload judged: intact, erased, or missing when digest and bytes disagree.
Result<Event> decode_record(const RecordView& record);

// A row of the pending table: the leaf hash taken at append, then the record.
struct PendingView {
  Digest leaf_hash;
  std::string_view record;
};
std::string encode_pending(const Digest& leaf_hash, std::string_view record);
// Errors: tampered, also when the record's leaf has another hash.
Result<PendingView> decode_pending(std::string_view row);

// Collects records until they fill a segment.
class SegmentWriter {
 public:
  void add(std::string_view record);
  bool is_full() const { return count_ == kSegmentRecords || bytes_.size() >= kSegmentBytes; }
  bool is_empty() const { return count_ == 0; }
  // The row's value; empties the writer.
  std::string take();

 private:
  std::uint8_t count_ = 0;
  std::string bytes_;
};

// The records of a segment, in order. Views into `segment`. Errors: tampered.
Result<std::vector<RecordView>> split_segment(std::string_view segment);

}  // namespace writ::ledger
