#include "ledger/record.h"

#include <algorithm>
#include <cstring>

#include "ledger/leaf.h"
#include "ledger/merkle.h"

namespace writ::ledger {
namespace {

constexpr char kIntact = 0;
constexpr char kErased = 1;

std::unexpected<Error> damaged() {
  return fail(Code::tampered, "a stored event has a form that Writ never writes");
}

void append_number(std::string& out, std::uint64_t number, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(number >> (8 * i));
}

// Fixed-size pieces off the front; `ok` falls once and stays down.
struct Reader {
  std::string_view rest;
  bool ok = true;

  std::string_view bytes(std::size_t count) {
    ok = ok && count <= rest.size();
    if (!ok) return {};
    const std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }
  std::size_t number(unsigned width) {
    std::size_t number = 0;
    for (const char c : bytes(width)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
  }
};

std::string begin_record(std::string_view leaf, char state, std::size_t room) {
  std::string out;
  out.reserve(2 + leaf.size() + 1 + room);
  append_number(out, leaf.size(), 2);
  out += leaf;
  out += state;
  return out;
}

}  // namespace

std::string encode_record(std::string_view leaf, std::string_view salt, std::string_view payload) {
  std::string out = begin_record(leaf, kIntact, salt.size() + 4 + payload.size());
  out += salt;
  append_number(out, payload.size(), 4);
  out += payload;
  return out;
}

std::string encode_erased_record(std::string_view leaf, EventId erased_by) {
  std::string out = begin_record(leaf, kErased, kSaltSize);
  out.append(reinterpret_cast<const char*>(erased_by.uuid.bytes.data()), 16);
  return out;
}

Result<RecordView> take_record(std::string_view& bytes) {
  Reader in{bytes};
  RecordView record;
  record.leaf = in.bytes(in.number(2));
  const std::string_view state = in.bytes(1);
  if (!in.ok) return damaged();
  if (state[0] == kIntact) {
    record.salt = in.bytes(kSaltSize);
    record.payload = in.bytes(in.number(4));
  } else if (state[0] == kErased) {
    const std::string_view id = in.bytes(16);
    if (in.ok) std::memcpy(record.erased_by.emplace().uuid.bytes.data(), id.data(), 16);
  } else {
    return damaged();
  }
  if (!in.ok) return damaged();
  bytes = in.rest;
  return record;
}

Result<Event> decode_record(const RecordView& record) {
  WRIT_TRY(Event event, parse_leaf(record.leaf));
  if (record.erased_by) {
    event.payload_state = Event::Payload::erased;
    event.erased_by = *record.erased_by;
    return event;
  }
  event.salt = record.salt;
  event.entry.payload = record.payload;
  if (payload_digest(record.salt, record.payload) != event.payload_digest) {
    event.payload_state = Event::Payload::missing;
  }
  return event;
}

std::string encode_pending(const Digest& leaf_hash, std::string_view record) {
  std::string out;
  out.reserve(leaf_hash.bytes.size() + record.size());
  out += leaf_hash.view();
  out += record;
  return out;
}

Result<PendingView> decode_pending(std::string_view row) {
  Reader in{row};
  const std::string_view hash = in.bytes(32);
  if (!in.ok) return damaged();
  std::string_view rest = in.rest;
  WRIT_TRY(const RecordView record, take_record(rest));
  PendingView pending{leaf_hash(record.leaf), in.rest};
  if (!rest.empty() || pending.leaf_hash.view() != hash) return damaged();
  return pending;
}

void SegmentWriter::add(std::string_view record) {
  if (bytes_.empty()) bytes_.push_back('\0');
  bytes_ += record;
  ++count_;
}

std::string SegmentWriter::take() {
  bytes_[0] = static_cast<char>(count_);
  count_ = 0;
  return std::exchange(bytes_, {});
}

Result<std::vector<RecordView>> split_segment(std::string_view segment) {
  if (segment.empty()) return damaged();
  const auto count = static_cast<unsigned char>(segment[0]);
  std::string_view rest = segment.substr(1);
  std::vector<RecordView> records;
  records.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    WRIT_TRY(records.emplace_back(), take_record(rest));
  }
  if (records.empty() || !rest.empty()) return damaged();
  return records;
}

}  // namespace writ::ledger
