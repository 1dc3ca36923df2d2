#include "ledger/append.h"

#include <array>

#include "base/encoding.h"
#include "ledger/event_reader.h"
#include "ledger/leaf.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

// Where the entry will most likely come to lie: behind the pending ones, or at the tree's end.
Result<std::uint64_t> next_place(store::Tx& tx, std::size_t pending_limit) {
  WRIT_TRY(const Frontier head, load_head(tx));
  WRIT_TRY(const auto last, tx.scan(kPending, everything(), 1, store::Order::descending));
  if (last.empty()) return head.size;
  store::KeyReader key(last.front().key);
  WRIT_TRY(const std::uint64_t place, key.number());
  if (place >= head.size && place - head.size + 1 >= pending_limit) {
    return fail(Code::overloaded,
                std::to_string(pending_limit) + " events wait to be taken into the log");
  }
  return std::max(place + 1, head.size);
}

bool is_same(const Event& stored, const Entry& entry) {
  const Entry& old = stored.entry;
  // Of an erased payload nothing is left to compare with.
  const bool same_payload =
      stored.payload_state == Event::Payload::erased || old.payload == entry.payload;
  return same_payload && old.type == entry.type && old.subject == entry.subject &&
         old.time == entry.time && old.run == entry.run && old.seq == entry.seq &&
         old.actor == entry.actor && old.correlation == entry.correlation &&
         old.causation == entry.causation;
}

Result<EventId> accept_duplicate(store::Tx& tx, const Entry& entry) {
  WRIT_TRY(EventReader reader, EventReader::open(tx));
  WRIT_TRY(const Event stored, reader.by_id(entry.id, entry.source));
  if (is_same(stored, entry)) return entry.id;
  return fail(Code::conflict, "event " + entry.id.text() + " is in the log with other content",
              "Give every event an id of its own; the same id means the same event");
}

Result<std::string> make_pending_row(Random& random, const Entry& entry) {
  std::array<std::uint8_t, kSaltSize> salt;
  random.fill(salt);
  Event event{.entry = entry, .index = {}, .payload_digest = {}, .salt = {}, .erased_by = {}};
  event.payload_digest = payload_digest(as_text(salt), entry.payload);
  const std::string leaf = leaf_bytes(event);
  if (leaf.size() > kLeafLimit) {
    return fail(
        Code::invalid_input,
        "an event's record has at most 65535 bytes, this one " + std::to_string(leaf.size()),
        "Shorten subject, actor or correlation; large content belongs in the payload");
  }
  return encode_pending(leaf_hash(leaf), encode_record(leaf, as_text(salt), entry.payload));
}

}  // namespace

Result<EventId> append_entry(store::Tx& tx, Random& random, const LedgerOptions& options,
                             const Entry& entry) {
  WRIT_CHECK(check_entry(entry));
  if (entry.payload.size() > options.payload_limit) {
    return fail(Code::invalid_input,
                "a payload has at most " + std::to_string(options.payload_limit) + " bytes",
                "Put large content into the blob store and its digest into the payload");
  }
  // Everything that can refuse the entry comes before the first write, so that a caller who
  // carries on after the error commits nothing of it.
  const std::string id = id_key(entry.id, entry.source);
  WRIT_TRY(const auto known, tx.get(kIds, id));
  if (known) return accept_duplicate(tx, entry);
  const bool has_run = !entry.run.uuid.is_nil();
  const std::string run = has_run ? run_key(entry.run, entry.seq) : std::string();
  WRIT_TRY(const std::uint64_t place, next_place(tx, options.pending_limit));
  WRIT_TRY(const std::string row, make_pending_row(random, entry));
  const std::string noted = encode_number(place);
  if (has_run) {
    WRIT_TRY(const bool is_free, tx.insert(kRuns, run, noted));
    if (!is_free) {
      return fail(Code::conflict,
                  "run " + entry.run.text() + " already has an event " + std::to_string(entry.seq));
    }
  }
  WRIT_CHECK(tx.put(kIds, id, noted));
  WRIT_CHECK(tx.put(kPending, pending_key(place, entry.id), row));
  return entry.id;
}

}  // namespace writ::ledger
