#include "ledger/record.h"

#include <cstring>

#include "base/encoding.h"
#include "ledger/leaf.h"
#include "ledger/varint.h"

namespace writ::ledger {
namespace {

// The state: bits.
constexpr char kErased = 1;
constexpr char kHasContext = 2;
constexpr char kHasSignatures = 4;
constexpr char kAllStates = kErased | kHasContext | kHasSignatures;

constexpr std::string_view RecordView::* kTexts[] = {
    &RecordView::type,  &RecordView::source,      &RecordView::subject,
    &RecordView::actor, &RecordView::correlation, &RecordView::causation};

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

void append_uuid(std::string& out, const Uuid& uuid) { out += as_text(uuid.bytes); }

// Times before 1970 have the sign bit; the cast keeps it.
void append_time(std::string& out, WallTime time) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(time.micros >> shift);
}

// Pieces off the front; `ok` falls once and stays down.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool is_ok() const { return ok_; }
  bool is_done() const { return rest_.empty(); }
  std::string_view bytes(std::uint64_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint64_t varint() {
    const auto number = ok_ ? take_varint(rest_) : std::nullopt;
    ok_ = number.has_value();
    return number.value_or(0);
  }
  std::string_view text() { return bytes(varint()); }
  WallTime time() {
    std::uint64_t micros = 0;
    for (const char c : bytes(8)) micros = micros << 8 | static_cast<unsigned char>(c);
    return {static_cast<std::int64_t>(micros)};
  }
  template <typename T>
  T array() {
    T value{};
    if (const std::string_view raw = bytes(value.bytes.size()); ok_) {
      std::memcpy(value.bytes.data(), raw.data(), raw.size());
    }
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Up to the context.
void begin_record(std::string& out, const Entry& entry, const Digest& payload_digest, char state) {
  append_uuid(out, entry.id.uuid);
  for (const std::string* text : {&entry.type, &entry.source, &entry.subject, &entry.actor,
                                  &entry.correlation, &entry.causation}) {
    append_text(out, *text);
  }
  append_time(out, entry.time);
  append_uuid(out, entry.run.uuid);
  append_varint(out, entry.seq);
  out += payload_digest.view();
  const bool has_context = entry.context != EventContext{};
  const bool has_signatures = !entry.signatures.empty();
  out += static_cast<char>(state | (has_context ? kHasContext : 0) |
                           (has_signatures ? kHasSignatures : 0));
  if (has_context) {
    for (const auto& member : kContext<std::string>) append_text(out, entry.context.*member.text);
  }
  if (has_signatures) append_text(out, entry.signatures);
}

std::optional<RecordView> take_record(Reader& in) {
  RecordView record;
  record.id.uuid = in.array<Uuid>();
  for (const auto text : kTexts) record.*text = in.text();
  record.time = in.time();
  record.run.uuid = in.array<Uuid>();
  record.seq = in.varint();
  record.payload_digest = in.array<Digest>();
  const std::string_view byte = in.bytes(1);
  if (byte.empty() || byte.front() < 0 || byte.front() > kAllStates) return std::nullopt;
  const char state = byte.front();
  if ((state & kHasContext) != 0) {
    for (const auto& member : kContext<std::string_view>) record.context.*member.text = in.text();
    if (record.context == EventContextView{}) return std::nullopt;
  }
  if ((state & kHasSignatures) != 0) {
    record.signatures = in.text();
    if (record.signatures.empty()) return std::nullopt;
  }
  if ((state & kErased) != 0) {
    record.erased_by = EventId{in.array<Uuid>()};
  } else {
    record.salt = in.bytes(kSaltSize);
    record.payload = in.text();
  }
  // The leaf shows a seq only beside a run.
  if (!in.is_ok() || record.run.uuid.is_nil() != (record.seq == 0)) return std::nullopt;
  return record;
}

}  // namespace

void append_record(std::string& chunk, const Entry& entry, const Digest& payload_digest,
                   std::string_view salt) {
  begin_record(chunk, entry, payload_digest, 0);
  chunk += salt;
  append_text(chunk, entry.payload);
}

void append_erased_record(std::string& chunk, const Entry& entry, const Digest& payload_digest,
                          EventId erased_by) {
  begin_record(chunk, entry, payload_digest, kErased);
  append_uuid(chunk, erased_by.uuid);
}

Result<std::vector<RecordView>> split_chunk(std::string_view chunk) {
  Reader in(chunk);
  std::vector<RecordView> records;
  do {
    const auto record = take_record(in);
    if (!record) return fail(Code::tampered, "a stored event has a form that Writ never writes");
    records.push_back(*record);
  } while (!in.is_done());
  return records;
}

namespace {

EventContext owned(const EventContextView& context) {
  EventContext out;
  for (std::size_t i = 0; i < std::size(kContext<std::string>); ++i) {
    out.*kContext<std::string>[i].text = context.*kContext<std::string_view>[i].text;
  }
  return out;
}

}  // namespace

Event to_event(const RecordView& record) {
  Event event;
  event.entry = {.id = record.id,
                 .type = std::string(record.type),
                 .source = std::string(record.source),
                 .subject = std::string(record.subject),
                 .time = record.time,
                 .run = record.run,
                 .seq = record.seq,
                 .actor = std::string(record.actor),
                 .correlation = std::string(record.correlation),
                 .causation = std::string(record.causation),
                 .context = owned(record.context),
                 .signatures = std::string(record.signatures),
                 .payload = std::string(record.payload)};
  event.payload_digest = record.payload_digest;
  event.salt = record.salt;
  if (record.erased_by) {
    event.payload_state = Event::Payload::erased;
    event.erased_by = *record.erased_by;
  } else if (payload_digest(record.salt, record.payload) != record.payload_digest) {
    event.payload_state = Event::Payload::missing;
  }
  return event;
}

}  // namespace writ::ledger
