#pragma once
// A closure's view of one SQLite transaction, or of one savepoint in it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/migrate.h"
#include "store/sqlite/connection.h"
#include "store/store_clock.h"

namespace writ::store {

// Holds the highest time that any process has said so far.
inline constexpr Table kClockTable{"writ_clock"};

class SqliteTx final : public SchemaTx {
 public:
  SqliteTx(Connection& connection, StoreClock& clock, Access access)
      : connection_(connection), clock_(clock), access_(access) {}

  Result<std::optional<std::string>> get(const Table& table, std::string_view key) override;
  Result<void> put(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> insert(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> erase(const Table& table, std::string_view key) override;
  Result<std::vector<Row>> scan(const Table& table, const KeyRange& range, std::size_t limit,
                                Order order) override;
  Result<WallTime> now() override;
  Result<void> create_table(const Table& table) override;
  Result<void> drop_table(const Table& table) override;
  Result<void> begin_notes() override { return {}; }
  Result<void> note_changes_of(const Table& table) override;
  Result<void> ignore_changes_of(const Table& table) override;

  bool has_written() const { return has_written_; }
  // The first failure of the backend, whether or not the closure passed it on.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  std::unexpected<Error> broken(int code, std::string_view doing, const Table& table);
  // Runs a write; true when it changed a row.
  Result<bool> change(const Table& table, Verb verb, std::string_view key,
                      const std::string_view* value);
  Result<void> change_schema(const std::string& sql);

  Connection& connection_;
  StoreClock& clock_;
  const Access access_;
  bool has_written_ = false;
  std::optional<Error> failure_;
  std::optional<WallTime> now_stored_;
};

}  // namespace writ::store
