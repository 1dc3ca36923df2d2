#include "store/change_notes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "store/migrate.h"

namespace writ::store {
namespace {

// A module whose one table holds the notes: a store that has the module makes them.
constexpr std::string_view kModule = "changes";
// Before those of all tables, whose names are not empty.
constexpr std::string_view kWord;
constexpr std::string_view kFirstNote("\x01", 1);

Result<SchemaTx*> schema_of(Tx& tx) {
  auto* const schema = dynamic_cast<SchemaTx*>(&tx);
  if (schema == nullptr) return fail(Code::internal, "this store makes no notes of its changes");
  return schema;
}

Result<void> make_table(SchemaTx& tx) {
  WRIT_TRY(const bool has_table, makes_notes(tx));
  if (has_table) return {};
  WRIT_CHECK(tx.create_table(kChangesTable));
  return tx.put(kMigrationsTable, kModule, "1");
}

Result<void> drop_table(SchemaTx& tx) {
  WRIT_CHECK(tx.end_notes());
  WRIT_CHECK(tx.drop_table(kChangesTable));
  WRIT_CHECK(tx.erase(kMigrationsTable, kModule));
  return {};
}

// False: there is nothing left to do.
using Change = std::function<Result<bool>(SchemaTx&)>;

Result<bool> in_transaction(Store& store, const Change& change) {
  return store.write([&](Tx& tx) -> Result<bool> {
    WRIT_TRY(SchemaTx* const schema, schema_of(tx));
    return change(*schema);
  });
}

// As many in a transaction as the adapter likes, behind `before`.
Result<void> each_table(Store& store, const std::vector<Table>& tables, const Change& before,
                        Result<void> (SchemaTx::*act)(const Table&)) {
  for (std::size_t next = 0; next < tables.size();) {
    std::size_t end = next;
    WRIT_TRY(const bool goes_on, in_transaction(store, [&](SchemaTx& tx) -> Result<bool> {
               WRIT_TRY(const bool is_wanted, before(tx));
               if (!is_wanted) return false;
               end = next + std::min(tables.size() - next, tx.noted_at_once());
               for (std::size_t i = next; i < end; ++i) WRIT_CHECK((tx.*act)(tables[i]));
               return true;
             }));
    if (!goes_on) return {};
    next = end;
  }
  return {};
}

// The first key that does not begin like `prefix`; empty: there is none.
std::string behind(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace

Result<Noted> noted(std::string_view key_of_note) {
  const std::size_t end = key_of_note.find('\0');
  if (end == 0 || end == std::string_view::npos) {
    return fail(Code::tampered, "a note of a change cannot be read");
  }
  Noted out;
  out.table = key_of_note.substr(0, end);
  out.range.first = key_of_note.substr(end + 1);
  out.is_one_row = key_of_note.size() < kMaxKeyBytes;
  out.range.last = out.is_one_row ? out.range.first + '\0' : behind(out.range.first);
  return out;
}

Result<void> begin_notes(Store& store, const std::vector<Table>& tables, std::string_view word) {
  WRIT_CHECK(in_transaction(store, [&](SchemaTx& tx) -> Result<bool> {
    WRIT_CHECK(make_table(tx));
    WRIT_CHECK(tx.begin_notes());
    WRIT_CHECK(put_word_beside_notes(tx, word));
    return true;
  }));
  const Change always = [](SchemaTx&) -> Result<bool> { return true; };
  return each_table(store, tables, always, &SchemaTx::note_changes_of);
}

// The word is a row: who takes it away and who puts it meet there, and one of them comes first.
Result<void> end_notes(Store& store, const std::vector<Table>& tables,
                       const std::function<Result<bool>(Tx&)>& may_go_on) {
  const Change take_word = [&](SchemaTx& tx) -> Result<bool> {
    WRIT_TRY(const bool has_notes, makes_notes(tx));
    if (!has_notes) return false;
    WRIT_TRY(const bool may, may_go_on ? may_go_on(tx) : Result<bool>(true));
    if (!may) return fail(Code::conflict, "somebody needs the notes of the store's changes");
    WRIT_CHECK(put_word_beside_notes(tx, {}));
    return true;
  };
  WRIT_TRY(const bool has_notes, store.read(&makes_notes));
  if (!has_notes) return {};
  WRIT_CHECK(each_table(store, tables, take_word, &SchemaTx::ignore_changes_of));
  WRIT_CHECK(in_transaction(store, [&](SchemaTx& tx) -> Result<bool> {
    WRIT_TRY(const bool is_left, take_word(tx));
    if (is_left) WRIT_CHECK(drop_table(tx));
    return is_left;
  }));
  return {};
}

Result<bool> makes_notes(Tx& tx) {
  WRIT_TRY(const auto version, tx.get(kMigrationsTable, kModule));
  return version.has_value();
}

Result<std::vector<Row>> notes_after(Tx& tx, std::string_view after, std::size_t limit) {
  KeyRange range;
  range.first = after.empty() ? std::string(kFirstNote) : std::string(after) + '\0';
  return tx.scan(kChangesTable, range, limit);
}

Result<void> forget_notes(Tx& tx, std::span<const Row> notes) {
  for (const Row& note : notes) {
    WRIT_TRY(const auto there, tx.get(kChangesTable, note.key));
    if (there == note.value) WRIT_CHECK(tx.erase(kChangesTable, note.key));
  }
  return {};
}

Result<std::string> word_beside_notes(Tx& tx) {
  WRIT_TRY(const bool has_notes, makes_notes(tx));
  if (!has_notes) return fail(Code::not_found, "no notes are made of the store's changes");
  WRIT_TRY(auto word, tx.get(kChangesTable, kWord));
  return word.value_or(std::string());
}

Result<void> put_word_beside_notes(Tx& tx, std::string_view word) {
  return tx.put(kChangesTable, kWord, word);
}

}  // namespace writ::store
