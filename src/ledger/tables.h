#pragma once
// The ledger's tables and how their keys are made. Numbers are big-endian, so key order is order.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "store/key.h"
#include "store/store.h"

namespace writ::ledger {

// place, id -> pending row (record.h). The place is a guess at the index to come; where
// transactions run one after the other it is always right.
inline constexpr store::Table kPending{"ledger_pending"};
// last index -> segment (record.h)
inline constexpr store::Table kSegments{"ledger_segments"};
// id, source -> place: exact deduplication and look-up by id
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

inline constexpr store::Table kAllTables[] = {kPending, kSegments, kIds,  kRuns,
                                              kTerms,   kTiles,    kHead, kCheckpoints};

inline constexpr std::string_view kHeadKey = "head";
inline constexpr std::string_view kOriginKey = "origin";
inline constexpr std::string_view kSignedKey = "signed";

std::string pending_key(std::uint64_t place, EventId id);
std::string id_key(EventId id, std::string_view source);
std::string run_key(RunId run, std::uint64_t seq);
std::string number_key(std::uint64_t number);
// Everything from `number` on, in a table keyed by numbers.
store::KeyRange from_number(std::uint64_t number);
inline store::KeyRange everything() { return {}; }

// Numbers as values. Errors: tampered.
std::string encode_number(std::uint64_t number);
Result<std::uint64_t> decode_number(std::string_view value);

}  // namespace writ::ledger
