#pragma once
// Where a store has gone when another one was put in its place. The old one keeps a mark that says
// so, and from the commit of the mark on nobody writes to it: whichever process tries, however long
// it has had the store open, its transaction fails as a whole, and says that the store has moved.
// What was committed before stays readable, and whoever opens the store follows the mark.
//
// SQLite and memory: each transaction that is to write looks whether there is a mark. PostgreSQL:
// the row that each one writes last (`sessions`, pg_writer.cc) refuses to be written; the change of
// its table waits for the commits under way, so that none slips through, and costs those who write
// nothing. One that comes to write nothing, or fails by itself, looks as it ends.
//
// Once the mark says `gone`, others may have written at the new place: what is read here may be
// old. Who minds reads with Store::read_unless_moved.
#include <cstdint>
#include <optional>
#include <string>

#include "base/enum_names.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::store {

inline constexpr Table kMovedTable{"writ_moved"};

enum class MoveStage : std::uint8_t {
  closing,  // nobody writes; what the new store lacks is on its way, and it may be taken back
  gone,     // the new store is whole: there is no way back but another move
};
inline constexpr EnumNames<MoveStage, 2> kMoveStages{{"closing", "gone"}};

struct Moved {
  std::string backend;  // the name that the settings know the new store by
  std::string id;       // of the move
  MoveStage stage = MoveStage::closing;
  friend bool operator==(const Moved&, const Moved&) = default;
};

// Nothing: the store has not moved. Errors: tampered, those of the store.
Result<std::optional<Moved>> moved_to(Tx& tx);
Result<std::optional<Moved>> moved_to(Store& store);

// Marks the store, or changes its mark, which takes a store opened with Fence::passes.
// Errors: unsupported (a database that cannot keep its writers out).
Result<void> mark_moved(Tx& tx, const Moved& moved);
// The store may be written to again. Nothing to do where there is no mark.
Result<void> clear_mark(Tx& tx);

// What a write to a store that has moved fails with: retryable, and nothing of it has happened.
std::unexpected<Error> has_moved();
bool says_moved(const Error& error);

// For adapters: has_moved() where there is a mark.
Result<void> expect_here(Tx& tx);

}  // namespace writ::store
