#include "ledger/append_batch.h"

#include <algorithm>
#include <tuple>

#include "ledger/event_reader.h"
#include "ledger/record.h"
#include "ledger/tables.h"

namespace writ::ledger {
namespace {

bool is_same(const Entry& old, const Entry& entry) {
  return old.type == entry.type && old.subject == entry.subject && old.time == entry.time &&
         old.run == entry.run && old.seq == entry.seq && old.actor == entry.actor &&
         old.correlation == entry.correlation && old.causation == entry.causation &&
         old.context == entry.context && old.signatures == entry.signatures;
}

Result<void> check_same(const Entry& old, bool has_payload, const Entry& entry) {
  // Of an erased payload nothing is left to compare with.
  if (is_same(old, entry) && (!has_payload || old.payload == entry.payload)) return {};
  return fail(Code::conflict, "event " + entry.id.text() + " is in the log with other content",
              "Give every event an id of its own; the same id means the same event");
}

bool same_key(const Entry& a, const Entry& b) { return a.id == b.id && a.source == b.source; }

// Collects records and leaf hashes of events that follow each other.
struct Chunk {
  ChunkKey key;
  std::string records;
  std::string leaves;

  bool is_full() const {
    return leaves.size() / sizeof(Digest) == kChunkRecords || records.size() >= kChunkBytes;
  }
  void add(const PreparedEntry& prepared) {
    if (leaves.empty()) key = {prepared.place, prepared.entry->id};
    append_record(records, *prepared.entry, prepared.payload_digest, prepared.salt);
    leaves += prepared.leaf.view();
  }
  Result<void> write(store::Tx& tx) {
    if (leaves.empty()) return {};
    const std::string bytes = key.bytes();
    WRIT_TRY(const bool is_free, tx.insert(kEvents, bytes, records));
    if (!is_free) return fail(Code::tampered, "an event's place is taken by itself");
    WRIT_CHECK(tx.put(kPending, bytes, leaves));
    records.clear();
    leaves.clear();
    return {};
  }
};

}  // namespace

Result<void> AppendBatch::write() {
  auto done = write_indexes();
  if (done) return write_chunks();
  WRIT_CHECK(undo());
  return done;
}

// Rows of ids and runs are made in key order, which touches each page once.
Result<void> AppendBatch::write_indexes() {
  std::vector<PreparedEntry*> by_id;
  by_id.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].place = first_ + i;
    entries_[i].is_new = true;
    by_id.push_back(&entries_[i]);
  }
  std::ranges::stable_sort(by_id, {}, [](const PreparedEntry* prepared) {
    return std::tie(prepared->entry->id, prepared->entry->source);
  });
  WRIT_CHECK(drop_repeated(by_id));
  WRIT_CHECK(note_ids(by_id));
  if (ids_.size() != entries_.size()) WRIT_CHECK(close_gaps());
  return note_runs(by_id);
}

// Of entries that come twice in the batch the first counts.
Result<void> AppendBatch::drop_repeated(std::span<PreparedEntry* const> by_id) {
  for (std::size_t i = 1; i < by_id.size(); ++i) {
    const Entry& entry = *by_id[i]->entry;
    if (!same_key(*by_id[i - 1]->entry, entry)) continue;
    by_id[i]->is_new = false;
    WRIT_CHECK(check_same(*by_id[i - 1]->entry, true, entry));
  }
  return {};
}

Result<void> AppendBatch::note_ids(std::span<PreparedEntry* const> by_id) {
  ids_.reserve(by_id.size());
  for (PreparedEntry* prepared : by_id) {
    if (prepared->is_new) WRIT_CHECK(note_id(*prepared));
  }
  return {};
}

Result<void> AppendBatch::note_id(PreparedEntry& prepared) {
  std::string key = id_key(prepared.entry->id);
  const std::string place = encode_number(prepared.place);
  WRIT_TRY(bool is_free, tx_.insert(kIds, key, place));
  if (!is_free) {
    WRIT_TRY(const bool is_stored_already, is_stored(prepared, key));
    prepared.is_new = !is_stored_already;
    if (is_stored_already) return {};
    WRIT_TRY(is_free, tx_.insert(kIds, key, place));
  }
  ids_.push_back({&prepared, std::move(key)});
  return {};
}

// The id is known. Of the same source it must be the same event. Of another source it is another
// event, and `free_key` becomes the next free one under that id.
Result<bool> AppendBatch::is_stored(const PreparedEntry& prepared, std::string& free_key) {
  const Entry& entry = *prepared.entry;
  WRIT_TRY(const auto rows,
           tx_.scan(kIds, store::Key().id(entry.id).under(), std::size_t{kMaxOrdinal} + 1));
  WRIT_TRY(EventReader reader, EventReader::open(tx_));
  for (const store::Row& row : rows) {
    WRIT_TRY(const std::uint64_t place, decode_number(row.value));
    if (place >= first_) continue;  // of this batch, so of another source
    WRIT_TRY(const Event stored, reader.at_place(place, [&](const Event& event) {
      return event.entry.id == entry.id;
    }));
    if (stored.entry.source != entry.source) continue;
    const bool has_payload = stored.payload_state != Event::Payload::erased;
    WRIT_CHECK(check_same(stored.entry, has_payload, entry));
    return true;
  }
  if (rows.size() > kMaxOrdinal) {
    return fail(Code::conflict, "too many sources use the id " + entry.id.text());
  }
  free_key = id_key(entry.id, static_cast<unsigned>(rows.size()));
  return false;
}

// Some entries were known: those behind them move up.
Result<void> AppendBatch::close_gaps() {
  std::uint64_t next = first_;
  for (PreparedEntry& prepared : entries_) {
    if (prepared.is_new) prepared.place = next++;
  }
  for (const Noted& noted : ids_) {
    WRIT_CHECK(tx_.put(kIds, noted.key, encode_number(noted.prepared->place)));
  }
  return {};
}

Result<void> AppendBatch::note_runs(std::span<PreparedEntry* const> by_id) {
  std::vector<std::pair<std::string, const PreparedEntry*>> rows;
  for (const PreparedEntry* prepared : by_id) {
    const Entry& entry = *prepared->entry;
    if (!prepared->is_new || entry.run.uuid.is_nil()) continue;
    rows.emplace_back(run_key(entry.run, entry.seq), prepared);
  }
  std::ranges::sort(rows);
  for (auto& [key, prepared] : rows) {
    WRIT_TRY(const bool is_free, tx_.insert(kRuns, key, encode_number(prepared->place)));
    if (!is_free) {
      return fail(Code::conflict, "run " + prepared->entry->run.text() + " already has an event " +
                                      std::to_string(prepared->entry->seq));
    }
    runs_.push_back(std::move(key));
  }
  return {};
}

Result<void> AppendBatch::write_chunks() {
  Chunk chunk;
  for (const PreparedEntry& prepared : entries_) {
    if (!prepared.is_new) continue;
    chunk.add(prepared);
    if (chunk.is_full()) WRIT_CHECK(chunk.write(tx_));
  }
  return chunk.write(tx_);
}

Result<void> AppendBatch::undo() {
  for (const Noted& noted : ids_) WRIT_CHECK(tx_.erase(kIds, noted.key));
  for (const std::string& key : runs_) WRIT_CHECK(tx_.erase(kRuns, key));
  return {};
}

}  // namespace writ::ledger
