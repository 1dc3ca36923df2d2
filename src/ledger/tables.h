#pragma once
// The ledger's tables and how their keys are made. Numbers are big-endian, so key order is order.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "store/key.h"
#include "store/store.h"

namespace writ::ledger {

// first place, first id -> chunk of events (record.h). Of a sequenced event the place is its index.
inline constexpr store::Table kEvents{"ledger_events"};
// The same key -> leaf hashes, of chunks that no indices were given yet. Their place is a guess at
// the index to come; where transactions run one after the other it is always right.
inline constexpr store::Table kPending{"ledger_pending"};
// id -> place: exact deduplication and look-up. A second source of the same id: id, ordinal
inline constexpr store::Table kIds{"ledger_ids"};
// run, seq -> place
inline constexpr store::Table kRuns{"ledger_runs"};
// kind and text, last index of a round -> gaps to the earlier ones (search.h)
inline constexpr store::Table kTerms{"ledger_terms"};
// level, number -> up to 256 hashes: C2SP tiles
inline constexpr store::Table kTiles{"ledger_tiles"};
// "head" -> size and frontier; "origin" -> the log's name; "signed" -> last signed size and root
inline constexpr store::Table kHead{"ledger_head"};
// size -> signed note
inline constexpr store::Table kCheckpoints{"ledger_checkpoints"};

// What the log consists of.
inline constexpr store::Table kAllTables[] = {kEvents, kPending, kIds,  kRuns,
                                              kTerms,  kTiles,   kHead, kCheckpoints};

// "sequencer" -> the lease of the server that sequences (sequencing.h). No part of the log.
inline constexpr store::Table kDuty{"ledger_duty"};

inline constexpr std::string_view kHeadKey = "head";
inline constexpr std::string_view kOriginKey = "origin";
inline constexpr std::string_view kSignedKey = "signed";

// Of the tables of events and pending ones. The id tells apart what was appended at once, where
// transactions run at once.
struct ChunkKey {
  std::uint64_t place = 0;
  EventId id;
  std::string bytes() const;
  static Result<ChunkKey> parse(std::string_view bytes);  // errors: tampered
};

// Sources that may share an id.
inline constexpr unsigned kMaxOrdinal = 255;
std::string id_key(EventId id, unsigned ordinal = 0);
std::string run_key(RunId run, std::uint64_t seq);
std::string number_key(std::uint64_t number);
// Everything from `number` on, in a table keyed by numbers.
store::KeyRange from_number(std::uint64_t number);
inline store::KeyRange everything() { return {}; }

// Calls `take` with every row of a range in key order; it may move from the row.
template <typename F>
Result<void> each_row(store::Tx& tx, const store::Table& table, store::KeyRange range, F&& take) {
  constexpr std::size_t kAtOnce = 256;
  while (true) {
    WRIT_TRY(auto rows, tx.scan(table, range, kAtOnce));
    if (!rows.empty()) range.first = rows.back().key + '\0';
    for (store::Row& row : rows) WRIT_CHECK(take(row));
    if (rows.size() < kAtOnce) return {};
  }
}
template <typename F>
Result<void> each_row(store::Tx& tx, const store::Table& table, F&& take) {
  return each_row(tx, table, everything(), std::forward<F>(take));
}

// Numbers as values. Errors: tampered.
std::string encode_number(std::uint64_t number);
Result<std::uint64_t> decode_number(std::string_view value);

}  // namespace writ::ledger
