#pragma once
// Whose turn it is to fill a store, and how far that has come: rows of the store that is filled
// (table writ_copy, whose module says that a copy is under way). For what copies alone: copy.cc,
// copy_changes.cc.
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/copy.h"
#include "store/migrate.h"
#include "store/store.h"

namespace writ::store {

struct Turn {
  std::string holder;
  std::string of;
  std::string target;
  WallTime until = {};
};

Result<bool> has_begun(Tx& to);
Result<void> begin_turns(SchemaTx& to);
// Nobody has had a turn yet: nothing. Errors: conflict (there is no copy under way), those of
// reading.
Result<std::optional<Turn>> load_turn(Tx& to);
Result<void> save_turn(Tx& to, const CopyClaim& claim);
Result<void> end_turns(SchemaTx& to);

// In every transaction that fills a store. Writes even where it changes nothing: two processes
// that both hold it to be their turn meet at this row, whatever the isolation of their reads.
// Errors: conflict (it is somebody else's), tampered (another target).
Result<void> keep_turn(Tx& to, const CopyClaim& claim);
// Errors: unavailable (somebody else has it), tampered (another target).
Result<void> take_turn(Tx& to, const CopyClaim& claim);

// What the two sides of a copy have come to together (copy_changes.h); empty: nothing yet.
Result<std::string> load_step(Tx& to);
Result<void> save_step(Tx& to, std::string_view step);

}  // namespace writ::store
