#include "store/sqlite/sqlite_tx.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "store/key.h"
#include "store/limits.h"

namespace writ::store {
namespace {

// The highest time is written down in steps of this size: a commit that asks for the time then
// rarely costs a page more. See Tx::now.
constexpr std::int64_t kClockStepMicros = 100'000;

// What is noted of a change (change_notes.h).
struct Trigger {
  std::string_view name;
  std::string_view when;
  std::string_view row;
};
constexpr std::array<Trigger, 3> kTriggers = {
    {{"note_new", "INSERT", "NEW"}, {"note_set", "UPDATE", "NEW"}, {"note_gone", "DELETE", "OLD"}}};

// Texts in SQLite are bytes until they are looked into: a key may be any. A trigger takes its way
// of meeting conflicts from the statement that fires it, so there is none to meet.
std::string make_trigger(const Trigger& trigger, const std::string& table) {
  const std::string key = "substr(CAST('" + table + "' || x'00' || " + std::string(trigger.row) +
                          ".k AS BLOB), 1, " + std::to_string(kMaxKeyBytes) + ")";
  return "CREATE TRIGGER IF NOT EXISTS " + std::string(trigger.name) + "_" + table + " AFTER " +
         std::string(trigger.when) + " ON t_" + table +
         " BEGIN DELETE FROM t_writ_changes WHERE k = " + key +
         "; INSERT INTO t_writ_changes (k, v) VALUES (" + key + ", randomblob(16)); END";
}

}  // namespace

std::unexpected<Error> SqliteTx::broken(int code, std::string_view doing, const Table& table) {
  Error error = connection_.error(code, std::string(doing) + " table " + std::string(table.name));
  if (!failure_) failure_ = error;
  return std::unexpected(std::move(error));
}

Result<std::optional<std::string>> SqliteTx::get(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  WRIT_TRY(Execution read, connection_.on_table(table, Verb::get));
  const int code = read.bind(1, key).step();
  if (code == SQLITE_DONE) return std::nullopt;
  if (code != SQLITE_ROW) return broken(code, "reading", table);
  return read.column(0);
}

Result<bool> SqliteTx::change(const Table& table, Verb verb, std::string_view key,
                              const std::string_view* value) {
  if (access_ == Access::read) return refuse_write();
  WRIT_TRY(Execution write, connection_.on_table(table, verb));
  write.bind(1, key);
  if (value != nullptr) write.bind(2, *value);
  if (const int code = write.step(); code != SQLITE_DONE) return broken(code, "writing", table);
  const bool has_changed = sqlite3_changes(connection_.handle()) != 0;
  has_written_ = has_written_ || has_changed;
  if (has_changed) written_.note(table.name);
  return has_changed;
}

Result<void> SqliteTx::put(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  WRIT_CHECK(change(table, Verb::put, key, &value));
  return {};
}

Result<bool> SqliteTx::insert(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  return change(table, Verb::insert, key, &value);
}

Result<bool> SqliteTx::erase(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  return change(table, Verb::erase, key, nullptr);
}

Result<std::vector<Row>> SqliteTx::scan(const Table& table, const KeyRange& range,
                                        std::size_t limit, Order order) {
  const bool is_open = range.last.empty();
  const Verb verb = order == Order::ascending ? (is_open ? Verb::scan_up_open : Verb::scan_up)
                                              : (is_open ? Verb::scan_down_open : Verb::scan_down);
  WRIT_TRY(Execution read, connection_.on_table(table, verb));
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  read.bind(1, range.first).bind(3, static_cast<std::int64_t>(std::min(limit, kMost)));
  if (!is_open) read.bind(2, range.last);
  std::vector<Row> out;
  int code = SQLITE_ROW;
  while ((code = read.step()) == SQLITE_ROW) out.push_back({read.column(0), read.column(1)});
  if (code != SQLITE_DONE) return broken(code, "reading", table);
  return out;
}

Result<WallTime> SqliteTx::now() {
  if (!now_stored_) {
    WRIT_TRY(const auto row, get(kClockTable, {}));
    std::uint64_t micros = 0;
    if (row) {
      WRIT_TRY(micros, KeyReader(*row).number());
    }
    now_stored_ = WallTime{static_cast<std::int64_t>(micros)};
  }
  const WallTime now = clock_.now(*now_stored_);
  if (access_ == Access::write && now.micros >= now_stored_->micros + kClockStepMicros) {
    const auto micros = static_cast<std::uint64_t>(now.micros);
    WRIT_CHECK(put(kClockTable, {}, Key().number(micros).bytes()));
    now_stored_ = now;
  }
  return now;
}

Result<void> SqliteTx::change_schema(const std::string& sql) {
  if (access_ == Access::read) return refuse_write();
  auto done = connection_.execute(sql);
  if (!done && !failure_) failure_ = done.error();
  has_written_ = true;
  return done;
}

Result<void> SqliteTx::create_table(const Table& table) {
  return change_schema("CREATE TABLE t_" + std::string(table.name) +
                       " (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
}

Result<void> SqliteTx::note_changes_of(const Table& table) {
  WRIT_ASSERT(is_table_name(table.name));
  for (const Trigger& trigger : kTriggers) {
    WRIT_CHECK(change_schema(make_trigger(trigger, std::string(table.name))));
  }
  return {};
}

Result<void> SqliteTx::ignore_changes_of(const Table& table) {
  WRIT_ASSERT(is_table_name(table.name));
  for (const Trigger& trigger : kTriggers) {
    WRIT_CHECK(change_schema("DROP TRIGGER IF EXISTS " + std::string(trigger.name) + "_" +
                             std::string(table.name)));
  }
  return {};
}

Result<void> SqliteTx::drop_table(const Table& table) {
  return change_schema("DROP TABLE t_" + std::string(table.name));
}

}  // namespace writ::store
