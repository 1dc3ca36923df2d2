#pragma once
// Entries on their way into the tables of events, ids and runs, within one transaction.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/prepared_entry.h"
#include "store/store.h"

namespace writ::ledger {

class AppendBatch {
 public:
  // `tx` and `entries` are borrowed. New entries get places from `first` on.
  AppendBatch(store::Tx& tx, std::uint64_t first, std::span<PreparedEntry> entries)
      : tx_(tx), first_(first), entries_(entries) {}

  // All or nothing, also for a caller who carries on after an error. Errors: conflict.
  Result<void> write();

 private:
  Result<void> write_indexes();
  Result<void> drop_repeated(std::span<PreparedEntry* const> by_id);
  Result<void> note_ids(std::span<PreparedEntry* const> by_id);
  Result<void> note_id(PreparedEntry& prepared);
  Result<bool> is_stored(const PreparedEntry& prepared, std::string& free_key);
  Result<void> close_gaps();
  Result<void> note_runs(std::span<PreparedEntry* const> by_id);
  Result<void> write_chunks();
  Result<void> undo();

  struct Noted {
    PreparedEntry* prepared;
    std::string key;
  };

  store::Tx& tx_;
  std::uint64_t first_;
  std::span<PreparedEntry> entries_;
  std::vector<Noted> ids_;         // rows that this batch made
  std::vector<std::string> runs_;  // likewise
};

}  // namespace writ::ledger
