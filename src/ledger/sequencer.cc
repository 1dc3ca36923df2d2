#include "ledger/sequencer.h"

#include <optional>
#include <string>
#include <vector>

#include "ledger/leaf.h"
#include "ledger/record.h"
#include "ledger/search.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

// Pending rows read at once, and the bytes after which a round takes no more of them.
constexpr std::size_t kSlice = 256;
constexpr std::size_t kRoundBytes = 16u << 20;

// Everything one round changes, worked out beforehand.
struct Round {
  std::optional<std::string> old_head;
  std::string new_head;
  std::vector<std::string> taken;     // keys of pending rows
  std::vector<store::Row> ids, runs;  // of entries whose index is not their place
  std::vector<store::Row> segments, terms, tiles;
};

// Builds a Round from pending rows in order.
class RoundBuilder {
 public:
  RoundBuilder(store::Tx& tx, Frontier head) : frontier_(std::move(head)), tiles_(tx) {}

  Result<void> add(const store::Row& row) {
    WRIT_TRY(const PendingView pending, decode_pending(row.value));
    std::string_view rest = pending.record;
    WRIT_TRY(const RecordView record, take_record(rest));
    WRIT_TRY(const LeafFields leaf, split_leaf(record.leaf));
    const std::uint64_t index = frontier_.size;
    WRIT_CHECK(correct_place(row.key, index, record.leaf));
    terms_.add(leaf, index);
    frontier_.append(pending.leaf_hash, on_node_);
    segment_.add(pending.record);
    if (segment_.is_full()) close_segment();
    round_.taken.push_back(row.key);
    return {};
  }

  std::size_t count() const { return round_.taken.size(); }

  Result<Round> finish() {
    if (!segment_.is_empty()) close_segment();
    round_.new_head = encode_head(frontier_);
    round_.terms = terms_.take();
    WRIT_TRY(auto tiles, tiles_.take());
    for (auto& [id, hashes] : tiles) round_.tiles.push_back({tile_key(id), std::move(hashes)});
    return std::move(round_);
  }

 private:
  void close_segment() {
    round_.segments.push_back({number_key(frontier_.size - 1), segment_.take()});
  }

  // The place was noted as a guess; where it is wrong the tables that hold it are put right.
  Result<void> correct_place(std::string_view key, std::uint64_t index, std::string_view leaf) {
    store::KeyReader in(key);
    WRIT_TRY(const std::uint64_t place, in.number());
    if (place == index) return {};
    WRIT_TRY(const Event event, parse_leaf(leaf));
    const Entry& entry = event.entry;
    round_.ids.push_back({id_key(entry.id, entry.source), encode_number(index)});
    if (entry.run.uuid.is_nil()) return {};
    round_.runs.push_back({run_key(entry.run, entry.seq), encode_number(index)});
    return {};
  }

  Frontier frontier_;
  TileWriter tiles_;
  Frontier::NodeSink on_node_ = [this](unsigned level, std::uint64_t index, const Digest& hash) {
    tiles_.add(level, index, hash);
  };
  TermWriter terms_;
  SegmentWriter segment_;
  Round round_;
};

Result<void> add_pending(store::Tx& tx, std::size_t limit, RoundBuilder& builder) {
  std::size_t bytes = 0;
  store::KeyRange range = everything();
  while (builder.count() < limit && bytes < kRoundBytes) {
    const std::size_t slice = std::min(kSlice, limit - builder.count());
    WRIT_TRY(const auto rows, tx.scan(kPending, range, slice));
    for (const store::Row& row : rows) {
      bytes += row.value.size();
      WRIT_CHECK(builder.add(row));
    }
    if (rows.size() < slice) break;
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
    if (!was_there) return fail(Code::tampered, "a pending entry vanished");
  }
  WRIT_CHECK(put_all(tx, kSegments, round.segments));
  WRIT_CHECK(put_all(tx, kTiles, round.tiles));
  WRIT_CHECK(put_all(tx, kTerms, round.terms));
  WRIT_CHECK(put_all(tx, kIds, round.ids));
  WRIT_CHECK(put_all(tx, kRuns, round.runs));
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
    if (applied) return round.taken.size();
  }
}

}  // namespace writ::ledger
