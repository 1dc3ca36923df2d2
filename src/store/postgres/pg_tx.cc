#include "store/postgres/pg_tx.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "store/change_notes.h"
#include "store/limits.h"
#include "store/moved.h"
#include "store/postgres/pg_copy.h"

namespace writ::store {
namespace {

using std::chrono::steady_clock;

struct Shape {
  std::string_view name;
  std::string_view doing;
  std::string_view sql;  // `@` stands for the table's name
};

constexpr Shape kGet{"get", "reading", "SELECT v FROM writ.t_@ WHERE k = $1"};
constexpr Shape kPut{"put", "writing",
                     "INSERT INTO writ.t_@ (k, v) VALUES ($1, $2) "
                     "ON CONFLICT (k) DO UPDATE SET v = excluded.v"};
constexpr Shape kInsert{"insert", "writing",
                        "INSERT INTO writ.t_@ (k, v) VALUES ($1, $2) ON CONFLICT (k) DO NOTHING"};
constexpr Shape kErase{"erase", "writing", "DELETE FROM writ.t_@ WHERE k = $1"};
constexpr Shape kScanUp{"scan_up", "reading",
                        "SELECT k, v FROM writ.t_@ WHERE k >= $1 AND k < $3 "
                        "ORDER BY k LIMIT $2"};
constexpr Shape kScanUpOpen{"scan_up_open", "reading",
                            "SELECT k, v FROM writ.t_@ WHERE k >= $1 ORDER BY k LIMIT $2"};
constexpr Shape kScanDown{"scan_down", "reading",
                          "SELECT k, v FROM writ.t_@ WHERE k >= $1 AND k < $3 "
                          "ORDER BY k DESC LIMIT $2"};
constexpr Shape kScanDownOpen{"scan_down_open", "reading",
                              "SELECT k, v FROM writ.t_@ WHERE k >= $1 "
                              "ORDER BY k DESC LIMIT $2"};

// Statements on one table, ready to be queued.
PgStatement on(const Table& table, const Shape& shape) {
  // Names come from our own constants, but SQL is made of nothing unchecked.
  WRIT_ASSERT(is_table_name(table.name));
  std::string sql(shape.sql);
  sql.replace(sql.find('@'), 1, table.name);
  return {std::string(shape.name) + "_" + std::string(table.name), std::move(sql),
          std::string(shape.doing) + " table " + std::string(table.name), Wire::binary};
}

const Shape& shape_of(bool is_open, Order order) {
  if (order == Order::ascending) return is_open ? kScanUpOpen : kScanUp;
  return is_open ? kScanDownOpen : kScanDown;
}

const PgStatement kBeginWrite{"writ_begin_write", "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
                              "beginning a transaction", Wire::text};
const PgStatement kBeginRead{"writ_begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                             "beginning a read", Wire::text};
const PgStatement kTime{"writ_time",
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
                        "asking for the time", Wire::text};

}  // namespace

PgTx::PgTx(PgConnection& connection, StoreClock& monotonic, const Clock* clock, Access access)
    : connection_(connection), monotonic_(monotonic), clock_(clock), access_(access) {
  connection_.queue(access == Access::write ? kBeginWrite : kBeginRead);
}

// A table without rows is no error of the database, one that is not there is ours.
Result<PgRows> PgTx::ask() {
  auto rows = connection_.answer();
  has_answered_ = has_answered_ || rows.has_value();
  return rows;
}

Result<std::optional<std::string>> PgTx::get(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  connection_.queue(on(table, kGet), std::array{key});
  WRIT_TRY(const PgRows rows, ask());
  if (rows.size() == 0) return std::nullopt;
  return std::string(rows.at(0, 0));
}

Result<void> PgTx::put(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  if (access_ == Access::read) return refuse_write();
  connection_.queue(on(table, kPut), std::array{key, value});
  note_change(table);
  return {};
}

Result<bool> PgTx::insert(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  if (access_ == Access::read) return refuse_write();
  connection_.queue(on(table, kInsert), std::array{key, value});
  WRIT_TRY(const PgRows rows, ask());
  if (rows.changed() != 0) note_change(table);
  return rows.changed() != 0;
}

Result<bool> PgTx::erase(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  if (access_ == Access::read) return refuse_write();
  connection_.queue(on(table, kErase), std::array{key});
  WRIT_TRY(const PgRows rows, ask());
  if (rows.changed() != 0) note_change(table);
  return rows.changed() != 0;
}

Result<std::vector<Row>> PgTx::scan(const Table& table, const KeyRange& range, std::size_t limit,
                                    Order order) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  const std::string most = int8(std::min(limit, kMost));
  const PgStatement statement = on(table, shape_of(range.last.empty(), order));
  const std::array<std::string_view, 3> parameters{range.first, most, range.last};
  connection_.queue(statement, std::span(parameters).first(range.last.empty() ? 2 : 3));
  WRIT_TRY(const PgRows rows, ask());
  std::vector<Row> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back({std::string(rows.at(i, 0)), std::string(rows.at(i, 1))});
  }
  return out;
}

void PgTx::note_change(const Table& table) {
  has_written_ = true;
  written_.note(table.name);
}

// Asked once in a transaction; from there on time goes at the pace of this machine.
Result<WallTime> PgTx::time_of_database() {
  if (!asked_) {
    connection_.queue(kTime);
    WRIT_TRY(const PgRows rows, ask());
    const std::string_view text = rows.at(0, 0);
    WallTime time;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time.micros);
    if (error != std::errc{} || end != text.data() + text.size()) {
      return fail(Code::internal, "the database told no time: " + std::string(text));
    }
    asked_ = time;
    asked_at_ = steady_clock::now();
  }
  const auto passed =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - asked_at_);
  return WallTime{asked_->micros + passed.count()};
}

Result<WallTime> PgTx::now() {
  if (clock_ != nullptr) return monotonic_.now({});
  WRIT_TRY(const WallTime time, time_of_database());
  return monotonic_.now(time);
}

Result<void> PgTx::change_schema(const Table& table, std::string sql) {
  if (access_ == Access::read) return refuse_write();
  has_written_ = true;
  connection_.queue({{}, std::move(sql), "changing table " + std::string(table.name), Wire::text});
  WRIT_CHECK(ask());
  return {};
}

Result<void> PgTx::load(const Table& table, std::span<const Row> rows) {
  for (const Row& row : rows) WRIT_CHECK(check_row(row.key, row.value));
  if (access_ == Access::read) return refuse_write();
  WRIT_ASSERT(is_table_name(table.name));
  note_change(table);
  const std::string name(table.name);
  PgCopy out(connection_, {{},
                           "COPY writ.t_" + name + " (k, v) FROM STDIN (FORMAT binary)",
                           "filling table " + name,
                           Wire::text});
  for (const Row& row : rows) out.add(std::array<std::string_view, 2>{row.key, row.value});
  has_answered_ = true;
  return out.finish();
}

// What else speaks its protocol knows other triggers, and keeps nobody out.
Result<void> PgTx::expect_postgres() {
  if (access_ == Access::read) return refuse_write();
  connection_.queue({{}, "SELECT version()", "asking what the database is", Wire::text});
  WRIT_TRY(const PgRows rows, ask());
  if (rows.at(0, 0).starts_with("PostgreSQL ")) return {};
  return fail(Code::unsupported, "only PostgreSQL itself keeps its writers out",
              "Stop the servers, and copy while nobody writes");
}

// Each transaction that writes writes its row of `sessions` last, in one round trip with its commit
// (pg_writer.cc). ALTER TABLE waits for those on their way; whoever comes later meets the
// constraint, from whatever snapshot, because a table's shape is not a matter of snapshots.
// A transaction of this kind is one of those that pass.
Result<void> PgTx::keep_writers_out() {
  WRIT_CHECK(expect_postgres());
  connection_.queue({{},
                     "SELECT set_config('writ.passes_fence', 'on', true)",
                     "passing the writers that are kept out",
                     Wire::text});
  return change_schema(kMovedTable,
                       "ALTER TABLE writ.sessions ADD CONSTRAINT writ_moved CHECK "
                       "(coalesce(current_setting('writ.passes_fence', true), '') = 'on') "
                       "NOT VALID");
}

Result<void> PgTx::let_writers_in() {
  return change_schema(kMovedTable, "ALTER TABLE writ.sessions DROP CONSTRAINT writ_moved");
}

// Notes are rows (change_notes.h); one that is there is changed, so that whoever forgets it sees
// that. Of a row that is put there is no old one, and of one that goes no new one.
Result<void> PgTx::begin_notes() {
  WRIT_CHECK(expect_postgres());
  static_assert(kMaxKeyBytes == 2048);
  return change_schema(
      kChangesTable,
      "CREATE OR REPLACE FUNCTION writ.note_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
      "INSERT INTO writ.t_writ_changes AS c (k, v) VALUES (substring(convert_to(substring("
      "TG_TABLE_NAME::text from 3), ''UTF8'') || ''\\x00''::bytea || coalesce(NEW.k, OLD.k) "
      "from 1 for 2048), uuid_send(gen_random_uuid())) ON CONFLICT (k) DO UPDATE SET v = "
      "excluded.v; RETURN NULL; END'");
}

Result<void> PgTx::note_changes_of(const Table& table) {
  WRIT_ASSERT(is_table_name(table.name));
  return change_schema(table,
                       "CREATE OR REPLACE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON "
                       "writ.t_" +
                           std::string(table.name) +
                           " FOR EACH ROW EXECUTE FUNCTION writ.note_change()");
}

// Whoever reads the table meanwhile is waited for, and whoever comes later waits behind: not long.
Result<void> PgTx::ignore_changes_of(const Table& table) {
  if (access_ == Access::read) return refuse_write();
  WRIT_ASSERT(is_table_name(table.name));
  connection_.queue({{}, "SET LOCAL lock_timeout = '100ms'", "waiting a little", Wire::text});
  return change_schema(table,
                       "DROP TRIGGER IF EXISTS note_change ON writ.t_" + std::string(table.name));
}

Result<void> PgTx::end_notes() {
  return change_schema(kChangesTable, "DROP FUNCTION IF EXISTS writ.note_change()");
}

Result<void> PgTx::create_table(const Table& table) {
  return change_schema(table, "CREATE TABLE writ.t_" + std::string(table.name) +
                                  " (k bytea PRIMARY KEY, v bytea NOT NULL)");
}

Result<void> PgTx::drop_table(const Table& table) {
  return change_schema(table, "DROP TABLE writ.t_" + std::string(table.name));
}

}  // namespace writ::store
