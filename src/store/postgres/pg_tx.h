#pragma once
// A closure's view of one PostgreSQL transaction. Changes that nobody asks the outcome of are
// only queued: they travel with the next question, at the latest with the commit, and a failure of
// theirs shows there.
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/migrate.h"
#include "store/postgres/pg_connection.h"
#include "store/store_clock.h"

namespace writ::store {

class PgTx final : public SchemaTx {
 public:
  // Begins the transaction; nothing is waited for. `clock`: where the time comes from; null: the
  // database's own. Both borrowed.
  PgTx(PgConnection& connection, StoreClock& monotonic, const Clock* clock, Access access);

  Result<std::optional<std::string>> get(const Table& table, std::string_view key) override;
  Result<void> put(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> insert(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> erase(const Table& table, std::string_view key) override;
  Result<std::vector<Row>> scan(const Table& table, const KeyRange& range, std::size_t limit,
                                Order order) override;
  Result<WallTime> now() override;
  Result<void> create_table(const Table& table) override;
  Result<void> drop_table(const Table& table) override;
  // By COPY, in one piece.
  Result<void> load(const Table& table, std::span<const Row> rows) override;
  Result<void> keep_writers_out() override;
  Result<void> let_writers_in() override;
  Result<void> begin_notes() override;
  Result<void> note_changes_of(const Table& table) override;
  Result<void> ignore_changes_of(const Table& table) override;
  Result<void> end_notes() override;
  // Each takes a lock that waits for the writers of the table.
  std::size_t noted_at_once() const override { return 1; }

  bool has_written() const { return has_written_; }
  // The database has answered something, so the closure may have gone on from it.
  bool has_answered() const { return has_answered_; }

 private:
  Result<PgRows> ask();
  void note_change(const Table& table);
  Result<WallTime> time_of_database();
  Result<void> change_schema(const Table& table, std::string sql);
  Result<void> expect_postgres();

  PgConnection& connection_;
  StoreClock& monotonic_;
  const Clock* clock_;
  const Access access_;
  bool has_written_ = false;
  bool has_answered_ = false;
  // The database's time when it was asked, and the steady clock then.
  std::optional<WallTime> asked_;
  std::chrono::steady_clock::time_point asked_at_;
};

}  // namespace writ::store
