#include "ledger/verify.h"

#include <map>
#include <set>
#include <vector>

#include "ledger/checkpoint.h"
#include "ledger/derived_rows.h"
#include "ledger/event_reader.h"
#include "ledger/event_signature.h"
#include "ledger/event_types.h"
#include "ledger/leaf.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "ledger/tile_check.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

using PendingRows = std::map<std::string, std::string, std::less<>>;

Result<PendingRows> load_pending(store::Tx& tx) {
  PendingRows pending;
  WRIT_CHECK(each_row(tx, kPending, [&](store::Row& row) -> Result<void> {
    pending.emplace(std::move(row.key), std::move(row.value));
    return {};
  }));
  return pending;
}

// An event as `verify` looks at it.
struct SeenEvent {
  std::uint64_t place = 0;
  RecordView record;
  Digest leaf;
  Stage stage = Stage::sequenced;
};

Result<SeenEvent> look_at(std::uint64_t place, const RecordView& record,
                          std::span<const crypto::PublicKey> keys) {
  const Event event = to_event(record);
  if (event.payload_state == Event::Payload::missing) {
    return broken(place, "its payload is missing or was changed");
  }
  // What was signed is gone with an erased payload; the leaf still says by whom.
  if (event.payload_state == Event::Payload::intact && !check_signatures(event.entry, keys)) {
    return broken(place, "one of its signatures does not hold");
  }
  return SeenEvent{place, record, crypto::sha256(hashed_leaf(event.entry, record.payload_digest))};
}

// Calls `take(seen)` for every event of a chunk.
template <typename F>
Result<void> each_of_chunk(const store::Row& row, const PendingRows& pending,
                           std::span<const crypto::PublicKey> keys, F&& take) {
  WRIT_TRY(const ChunkKey key, ChunkKey::parse(row.key));
  const auto records = split_chunk(row.value);
  if (!records || records->front().id != key.id) return broken(key.place, "its row is damaged");
  const auto waiting = pending.find(row.key);
  std::string leaves;
  for (std::size_t i = 0; i < records->size(); ++i) {
    WRIT_TRY(SeenEvent seen, look_at(key.place + i, (*records)[i], keys));
    seen.stage = waiting == pending.end() ? Stage::sequenced : Stage::pending;
    leaves += seen.leaf.view();
    WRIT_CHECK(take(seen));
  }
  if (waiting == pending.end() || waiting->second == leaves) return {};
  return broken(key.place, "it is not what was appended");
}

// Calls `take(seen)` for every event in order.
template <typename F>
Result<void> each_event(store::Tx& tx, const PendingRows& pending,
                        std::span<const crypto::PublicKey> keys, F&& take) {
  return each_row(tx, kEvents,
                  [&](const store::Row& row) { return each_of_chunk(row, pending, keys, take); });
}

// One run of `verify`: the events once in order, everything else against what they gave.
class Verifier {
 public:
  Verifier(store::Tx& tx, const VerifyInput& input)
      : tx_(tx), input_(input), expected_(input.secret) {}

  Result<LedgerReport> run() {
    WRIT_TRY(head_, load_head(tx_));
    WRIT_TRY(pending_, load_pending(tx_));
    WRIT_CHECK(load_checkpoints());
    WRIT_CHECK(check_events());
    WRIT_CHECK(check_erasures());
    WRIT_CHECK(check_derived());
    WRIT_CHECK(check_signed());
    return report_;
  }

 private:
  struct Erasure {
    std::uint64_t index;
    EventId event;
    EventId erased_by;
  };

  Result<void> load_checkpoints() {
    return each_row(tx_, kCheckpoints, [&](const store::Row& row) -> Result<void> {
      Result<Checkpoint> checkpoint = parse_checkpoint(row.value);
      if (!checkpoint || row.key != number_key(checkpoint->size) ||
          checkpoint->origin != input_.origin) {
        return fail(Code::tampered, "a stored checkpoint is damaged");
      }
      WRIT_CHECK(verify_checkpoint(*checkpoint, input_.log_keys));
      unmet_.emplace(checkpoint->size, checkpoint->root);
      report_.newest = *std::move(checkpoint);
      return {};
    });
  }

  Result<void> check_events() {
    TileCheck tiles(tx_, head_.size);
    const Frontier::NodeSink sink = [&](unsigned level, std::uint64_t index, const Digest& hash) {
      tiles.on_node(level, index, hash);
    };
    WRIT_CHECK(meet_checkpoint());
    WRIT_CHECK(
        each_event(tx_, pending_, input_.log_keys, [&](const SeenEvent& seen) -> Result<void> {
          WRIT_CHECK(expect_rows(seen.place, seen.record, seen.stage, count_expected_));
          if (seen.stage == Stage::pending) {
            ++report_.pending;
            return {};
          }
          WRIT_CHECK(take_into_tree(seen, sink));
          return tiles.state();
        }));
    WRIT_CHECK(check_pending());
    if (tree_.size != head_.size) return broken(tree_.size, "it is gone");
    if (tree_.peaks != head_.peaks) return fail(Code::tampered, "the stored head is damaged");
    report_.events = tree_.size;
    report_.erased = erasures_.size();
    return tiles.finish();
  }

  // Every pending row belongs to a chunk that was seen.
  Result<void> check_pending() {
    for (const auto& [key, leaves] : pending_) {
      WRIT_TRY(const auto chunk, tx_.get(kEvents, key));
      if (!chunk) return fail(Code::tampered, "a pending event is gone");
    }
    return {};
  }

  Result<void> take_into_tree(const SeenEvent& seen, const Frontier::NodeSink& sink) {
    const std::uint64_t index = tree_.size;
    if (seen.place != index) return broken(index, "it is gone");
    if (index >= head_.size) return broken(index, "it lies behind the head");
    if (seen.record.erased_by) {
      erasures_.push_back({index, seen.record.id, *seen.record.erased_by});
    }
    tree_.append(seen.leaf, sink);
    return meet_checkpoint();
  }

  // The tree has grown to a size that was signed: the roots must be equal.
  Result<void> meet_checkpoint() {
    const auto checkpoint = unmet_.find(tree_.size);
    if (checkpoint == unmet_.end()) return {};
    last_met_ = {tree_.size, tree_.root()};
    if (checkpoint->second != last_met_->root) {
      return fail(Code::tampered, "the first " + std::to_string(tree_.size) +
                                      " events are not those that were signed");
    }
    unmet_.erase(checkpoint);
    return {};
  }

  // A payload may be absent only where an event of the log says that it was erased.
  Result<void> check_erasures() {
    WRIT_TRY(EventReader reader, EventReader::open(tx_));
    for (const Erasure& erasure : erasures_) {
      const Result<Event> why = reader.by_id(erasure.erased_by);
      if (!why || why->entry.type != kPayloadErased ||
          why->entry.subject != erased_subject(erasure.event)) {
        return broken(erasure.index, "its payload is missing, and no event says it was erased");
      }
    }
    return {};
  }

  Result<void> check_derived() {
    RowSums found(input_.secret);
    WRIT_CHECK(read_rows(tx_, [&](const DerivedRow& row) -> Result<void> {
      found.add(row);
      return {};
    }));
    if (found == expected_) return {};
    return name_broken_row();
  }

  // The slow way, once it is known that something is wrong: which event misses a row?
  Result<void> name_broken_row() {
    std::set<DerivedRow> found;
    WRIT_CHECK(read_rows(tx_, [&](DerivedRow row) -> Result<void> {
      found.insert(std::move(row));
      return {};
    }));
    WRIT_CHECK(each_event(tx_, pending_, {}, [&](const SeenEvent& seen) {
      return expect_rows(seen.place, seen.record, seen.stage,
                         [&](const DerivedRow& row) -> Result<void> {
                           if (found.contains(row)) return {};
                           return broken(seen.place, "an index does not lead to it");
                         });
    }));
    return fail(Code::tampered, "an index has a row that no event accounts for");
  }

  Result<void> check_signed() {
    if (!unmet_.empty()) {
      return broken(tree_.size, "it is gone: a head of " + std::to_string(unmet_.rbegin()->first) +
                                    " was signed");
    }
    WRIT_TRY(const auto last, load_last_signed(tx_));
    const bool agree = last && last_met_
                           ? last->size == last_met_->size && last->root == last_met_->root
                           : !last && !last_met_;
    if (!agree) {
      return fail(Code::tampered, "the last signed head is not that of the newest checkpoint");
    }
    return check_head_rows();
  }

  Result<void> check_head_rows() {
    return each_row(tx_, kHead, [&](const store::Row& row) -> Result<void> {
      const bool is_known = row.key == kHeadKey || row.key == kSignedKey ||
                            (row.key == kOriginKey && row.value == input_.origin);
      if (is_known) return {};
      return fail(Code::tampered, "the head table holds a foreign row");
    });
  }

  store::Tx& tx_;
  const VerifyInput& input_;
  LedgerReport report_;
  PendingRows pending_;
  Frontier head_;
  Frontier tree_;
  std::map<std::uint64_t, Digest> unmet_;  // signed sizes the tree has not reached yet
  std::optional<LastSigned> last_met_;
  std::vector<Erasure> erasures_;
  RowSums expected_;
  DerivedSink count_expected_ = [this](const DerivedRow& row) -> Result<void> {
    expected_.add(row);
    return {};
  };
};

}  // namespace

Result<LedgerReport> verify_log(store::Tx& tx, const VerifyInput& input) {
  return Verifier(tx, input).run();
}

}  // namespace writ::ledger
