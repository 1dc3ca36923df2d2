#pragma once
// Migrations, the same for every adapter (Store::migrate): which steps lie between what the store
// holds and what the binary knows, and running them inside one transaction.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "store/tables_written.h"

namespace writ::store {

// Key: the module's name; value: its version as decimal digits.
inline constexpr Table kMigrationsTable{"writ_migrations"};

enum class Access : std::uint8_t { read, write };

// What the transactions of every adapter can do beyond Tx: migrations alone may change the set of
// tables, and whoever fills a store may hurry.
class SchemaTx : public Tx {
 public:
  virtual Result<void> create_table(const Table& table) = 0;
  virtual Result<void> drop_table(const Table& table) = 0;

  // Puts rows whose keys are not there, as fast as the store can. Errors: those of Tx::put;
  // unavailable (a key is there).
  virtual Result<void> load(const Table& table, std::span<const Row> rows);

  // For store/moved.h, where looking for the mark in each transaction would not do: from the commit
  // of this transaction on no other one that writes commits, unless its store was opened with
  // Fence::passes. Errors: unsupported.
  virtual Result<void> keep_writers_out() { return {}; }
  virtual Result<void> let_writers_in() { return {}; }

  // For store/change_notes.h: first `begin_notes`, then each table; and back. Errors: unsupported.
  virtual Result<void> begin_notes();
  virtual Result<void> note_changes_of(const Table& table);
  virtual Result<void> ignore_changes_of(const Table& table);
  virtual Result<void> end_notes() { return {}; }
  // Tables in a transaction: who has to wait for the writers of one lets others write meanwhile.
  virtual std::size_t noted_at_once() const { return SIZE_MAX; }

  // Whose rows it has changed so far.
  const TablesWritten& tables_written() const { return written_; }

 protected:
  TablesWritten written_;
};

// [a-z0-9_]+
bool is_table_name(std::string_view name);

// Store::migrate as part of a transaction that does more. Errors: those of Store::migrate.
Result<std::vector<MigrationStep>> migrate(SchemaTx& tx, const std::vector<Migration>& migrations);

// Those of `migrations`, in their order.
std::vector<Table> tables_of(const std::vector<Migration>& migrations);

// Errors: internal (gaps or repetitions in versions, bad or repeated table names).
Result<void> check_migrations(const std::vector<Migration>& migrations);

}  // namespace writ::store
