#pragma once
// Which rows of a store have changed since a moment, for a copy that would otherwise have to
// compare all of them (store/copy_changes.h). The database notes them itself, by triggers, in the
// transaction that changes them: whichever process that is, however long it has had the store open.
// A row is noted once, however often it changes, so there are never more notes than keys that were.
//
// A note is another row that is written: they are made while a store is changed for another one,
// and at no other time. A store in memory makes none.
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace writ::store {

// Key: the table's name, a zero byte and the row's key, as far as there is room: at most
// kMaxKeyBytes. Value: random, another one for each change.
inline constexpr Table kChangesTable{"writ_changes"};

// What a note is about: one row, or, where there was no room for the key, all that begin like it.
struct Noted {
  std::string table;
  KeyRange range;
  bool is_one_row = true;
};
// Errors: tampered.
Result<Noted> noted(std::string_view key_of_note);

// Changes of the rows of `tables` are noted from here on, at the latest from when this returns:
// nothing that is committed later is missing, as long as `word`, which is put before the first of
// them, still stands beside the notes. Errors: unsupported (a store that makes no notes).
Result<void> begin_notes(Store& store, const std::vector<Table>& tables, std::string_view word);
// No more, and those that there are go. Takes several transactions, and takes the word away in each
// of them: whoever has begun anew meanwhile sees that. Each goes on only where `may_go_on` says so
// (empty: always). Nothing to do where none are made.
Result<void> end_notes(Store& store, const std::vector<Table>& tables,
                       const std::function<Result<bool>(Tx&)>& may_go_on = {});
Result<bool> makes_notes(Tx& tx);

// In the order of their keys, behind `after`.
Result<std::vector<Row>> notes_after(Tx& tx, std::string_view after, std::size_t limit);
// Those of `notes` whose rows have not changed again.
Result<void> forget_notes(Tx& tx, std::span<const Row> notes);

// A word of whoever uses the notes, beside them. Errors: not_found (none are made).
Result<std::string> word_beside_notes(Tx& tx);
Result<void> put_word_beside_notes(Tx& tx, std::string_view word);

}  // namespace writ::store
