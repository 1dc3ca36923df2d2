#include "ledger/sequencer.h"

#include <optional>
#include <string>
#include <vector>

#include "ledger/record.h"
#include "ledger/search.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

// Pending chunks read at once, and the bytes of chunks after which a round takes no more.
constexpr std::size_t kSlice = 64;
constexpr std::size_t kRoundBytes = 16u << 20;

// Everything one round changes, worked out beforehand.
struct Round {
  std::optional<std::string> old_head;
  std::string new_head;
  std::uint64_t count = 0;
  std::vector<std::string> taken;             // keys of pending rows
  std::vector<std::string> left;              // keys of events that move to their index
  std::vector<store::Row> events, ids, runs;  // of those
  std::vector<store::Row> terms, tiles;
};

// Builds a Round from pending chunks in order.
class RoundBuilder {
 public:
  RoundBuilder(store::Tx& tx, Frontier head) : tx_(tx), frontier_(std::move(head)), tiles_(tx) {}
  RoundBuilder(const RoundBuilder&) = delete;
  RoundBuilder& operator=(const RoundBuilder&) = delete;

  Result<void> add(const store::Row& pending, const std::string& chunk) {
    WRIT_TRY(const auto records, split_chunk(chunk));
    if (pending.value.size() != records.size() * kHashSize) {
      return fail(Code::tampered, "a pending event has no leaf hash");
    }
    WRIT_TRY(const ChunkKey key, ChunkKey::parse(pending.key));
    // The place was a guess; where it is wrong the chunk moves and the tables that note it follow.
    if (key.place != frontier_.size) WRIT_CHECK(move_to_index(key, records, chunk));
    for (std::size_t i = 0; i < records.size(); ++i) {
      terms_.add(records[i], frontier_.size);
      WRIT_TRY(
          const Digest leaf,
          Digest::from_bytes(std::string_view(pending.value).substr(i * kHashSize, kHashSize)));
      frontier_.append(leaf, on_node_);
    }
    round_.taken.push_back(pending.key);
    round_.count += records.size();
    bytes_ += chunk.size();
    return {};
  }

  std::uint64_t count() const { return round_.count; }
  std::size_t bytes() const { return bytes_; }

  Result<Round> finish() {
    round_.new_head = encode_head(frontier_);
    round_.terms = terms_.take();
    WRIT_TRY(auto tiles, tiles_.take());
    for (auto& [id, hashes] : tiles) round_.tiles.push_back({tile_key(id), std::move(hashes)});
    return std::move(round_);
  }

 private:
  Result<void> move_to_index(const ChunkKey& old, const std::vector<RecordView>& records,
                             const std::string& chunk) {
    round_.left.push_back(old.bytes());
    round_.events.push_back({ChunkKey{frontier_.size, old.id}.bytes(), chunk});
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::string noted = encode_number(frontier_.size + i);
      WRIT_TRY(const std::string id, key_of_id(records[i].id, old.place + i));
      round_.ids.push_back({id, noted});
      if (records[i].run.uuid.is_nil()) continue;
      round_.runs.push_back({run_key(records[i].run, records[i].seq), noted});
    }
    return {};
  }

  // The row of the table of ids that notes this event: several sources may share an id.
  Result<std::string> key_of_id(EventId id, std::uint64_t place) {
    WRIT_TRY(const auto rows,
             tx_.scan(kIds, store::Key().id(id).under(), std::size_t{kMaxOrdinal} + 1));
    for (const store::Row& row : rows) {
      if (row.value == encode_number(place)) return row.key;
    }
    return fail(Code::tampered, "no id leads to a pending event");
  }

  store::Tx& tx_;
  Frontier frontier_;
  TileWriter tiles_;
  Frontier::NodeSink on_node_ = [this](unsigned level, std::uint64_t index, const Digest& hash) {
    tiles_.add(level, index, hash);
  };
  TermWriter terms_;
  Round round_;
  std::size_t bytes_ = 0;
};

// Pending chunks with the rows of events under the same keys: these mostly lie together, so one
// look-up finds all.
Result<void> add_slice(store::Tx& tx, const std::vector<store::Row>& pending, std::size_t limit,
                       RoundBuilder& builder) {
  const store::KeyRange range{pending.front().key, pending.back().key + '\0'};
  WRIT_TRY(const auto rows, tx.scan(kEvents, range, pending.size()));
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (builder.count() >= limit || builder.bytes() >= kRoundBytes) return {};
    if (i < rows.size() && rows[i].key == pending[i].key) {
      WRIT_CHECK(builder.add(pending[i], rows[i].value));
      continue;
    }
    WRIT_TRY(const auto chunk, tx.get(kEvents, pending[i].key));
    if (!chunk) return fail(Code::tampered, "a pending event is gone");
    WRIT_CHECK(builder.add(pending[i], *chunk));
  }
  return {};
}

Result<void> add_pending(store::Tx& tx, std::size_t limit, RoundBuilder& builder) {
  store::KeyRange range = everything();
  while (builder.count() < limit && builder.bytes() < kRoundBytes) {
    WRIT_TRY(const auto rows, tx.scan(kPending, range, kSlice));
    if (rows.empty()) break;
    WRIT_CHECK(add_slice(tx, rows, limit, builder));
    range.first = rows.back().key + '\0';
  }
  return {};
}

Result<Round> compute_round(store::Tx& tx, std::size_t limit) {
  WRIT_TRY(auto old_head, tx.get(kHead, kHeadKey));
  WRIT_TRY(Frontier frontier, load_head(tx));
  RoundBuilder builder(tx, std::move(frontier));
  WRIT_CHECK(add_pending(tx, limit, builder));
  WRIT_TRY(Round round, builder.finish());
  round.old_head = std::move(old_head);
  return round;
}

Result<void> put_all(store::Tx& tx, const store::Table& table,
                     const std::vector<store::Row>& rows) {
  for (const store::Row& row : rows) WRIT_CHECK(tx.put(table, row.key, row.value));
  return {};
}

// False when another sequencer was faster.
Result<bool> apply_round(store::Tx& tx, const Round& round) {
  WRIT_TRY(const auto head, tx.get(kHead, kHeadKey));
  if (head != round.old_head) return false;
  for (const std::string& key : round.taken) {
    WRIT_TRY(const bool was_there, tx.erase(kPending, key));
    if (!was_there) return fail(Code::tampered, "a pending event is gone");
  }
  for (const std::string& key : round.left) WRIT_CHECK(tx.erase(kEvents, key));
  WRIT_CHECK(put_all(tx, kEvents, round.events));
  WRIT_CHECK(put_all(tx, kIds, round.ids));
  WRIT_CHECK(put_all(tx, kRuns, round.runs));
  WRIT_CHECK(put_all(tx, kTerms, round.terms));
  WRIT_CHECK(put_all(tx, kTiles, round.tiles));
  WRIT_CHECK(tx.put(kHead, kHeadKey, round.new_head));
  return true;
}

}  // namespace

Result<std::uint64_t> run_round(store::Store& store, std::size_t round_limit) {
  while (true) {
    WRIT_TRY(const Round round,
             store.read([&](store::Tx& tx) { return compute_round(tx, round_limit); }));
    if (round.taken.empty()) return 0;
    WRIT_TRY(const bool applied,
             store.write([&](store::Tx& tx) { return apply_round(tx, round); }));
    if (applied) return round.count;
  }
}

}  // namespace writ::ledger
