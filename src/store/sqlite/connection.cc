#include "store/sqlite/connection.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "store/limits.h"
#include "store/migrate.h"
#include "store/sqlite/sqlite_error.h"

namespace writ::store {
namespace {

// `$` stands for the table's name.
constexpr std::array<std::string_view, kVerbs> kTableSql = {
    "SELECT v FROM t_$ WHERE k = ?1",
    "INSERT INTO t_$ (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    "INSERT INTO t_$ (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO NOTHING",
    "DELETE FROM t_$ WHERE k = ?1",
    "SELECT k, v FROM t_$ WHERE k >= ?1 AND k < ?2 ORDER BY k LIMIT ?3",
    "SELECT k, v FROM t_$ WHERE k >= ?1 ORDER BY k LIMIT ?3",
    "SELECT k, v FROM t_$ WHERE k >= ?1 AND k < ?2 ORDER BY k DESC LIMIT ?3",
    "SELECT k, v FROM t_$ WHERE k >= ?1 ORDER BY k DESC LIMIT ?3",
};

constexpr std::array<std::string_view, kControls> kControlSql = {
    "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT w", "RELEASE w", "ROLLBACK TO w",
};

// Durability first: FULL syncs the log at each commit. Checkpoints are the writer's own business.
// Deleted bytes are overwritten, because an erased payload must be gone.
constexpr const char* kSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -8192;";

// A relative path that can be neither an option, a URI nor ":memory:".
std::string plain_path(const std::string& path) {
  return path.starts_with('/') ? path : "./" + path;
}

}  // namespace

Execution& Execution::bind(int index, std::string_view bytes) {
  // A null pointer would bind NULL; an empty key or value is an empty blob.
  const char* const data = bytes.data() != nullptr ? bytes.data() : "";
  const int code = sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

Execution& Execution::bind(int index, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_, index, number);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

int Execution::step() { return bound_ == SQLITE_OK ? sqlite3_step(statement_) : bound_; }

std::string Execution::column(int index) const {
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_, index));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, index));
  return data == nullptr ? std::string() : std::string(data, size);
}

Connection::Connection(std::string path, std::chrono::milliseconds busy_timeout)
    : path_(std::move(path)), busy_timeout_(busy_timeout) {}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(std::string path,
                                                     const ConnectionOptions& options) {
  std::unique_ptr<Connection> out(new Connection(std::move(path), options.busy_timeout));
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(plain_path(out->path_).c_str(), &db, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  out->db_.reset(db);
  if (code != SQLITE_OK) return std::unexpected(out->error(code, "opening"));
  sqlite3_busy_handler(db, &Connection::wait_while_busy, out.get());
  WRIT_CHECK(out->execute(kSettings));
  return out;
}

// SQLite's own handler backs off to 100 ms and may never meet the short gaps between two
// transactions of a busy process; this one looks every millisecond.
int Connection::wait_while_busy(void* self, int attempt) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (attempt == 0) connection.busy_since_ = now;
  if (now - connection.busy_since_ >= connection.busy_timeout_) return 0;
  constexpr std::chrono::microseconds kLongest{1'000};
  const std::chrono::microseconds pause{50 << std::min(attempt, 5)};
  std::this_thread::sleep_for(std::min(pause, kLongest));
  return 1;
}

Error Connection::error(int code, std::string_view doing) const {
  return sqlite_error(code, doing, path_, handle());
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code, "preparing a statement"));
  return Statement(statement);
}

Result<Statement> Connection::prepare_on(std::string_view table, Verb verb) {
  // Names come from our own constants, but SQL is made of nothing unchecked.
  if (!is_table_name(table)) return unknown_table(table);
  std::string sql(kTableSql[static_cast<std::size_t>(verb)]);
  sql.replace(sql.find('$'), 1, table);
  auto statement = prepare(sql);
  // "No such table" has no code of its own; a table that is there prepares.
  const bool is_missing = !statement && statement.error().code == Code::internal;
  if (is_missing) return unknown_table(table);
  return statement;
}

Result<Execution> Connection::on_table(const Table& table, Verb verb) {
  auto found = tables_.find(table.name);
  if (found == tables_.end()) found = tables_.try_emplace(std::string(table.name)).first;
  Statement& statement = found->second[static_cast<std::size_t>(verb)];
  if (!statement) {
    WRIT_TRY(statement, prepare_on(table.name, verb));
  }
  return Execution(statement.get());
}

int Connection::control(Control control) {
  const auto index = static_cast<std::size_t>(control);
  Statement& statement = controls_[index];
  if (!statement) {
    const std::string_view sql = kControlSql[index];
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) return code;
    statement.reset(made);
  }
  const int code = Execution(statement.get()).step();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code, "running \"" + sql + "\""));
  return {};
}

Result<std::vector<std::string>> Connection::query(const std::string& sql) {
  WRIT_TRY(const Statement statement, prepare(sql));
  Execution execution(statement.get());
  std::vector<std::string> out;
  int code = SQLITE_ROW;
  while ((code = execution.step()) == SQLITE_ROW) out.push_back(execution.column(0));
  if (code != SQLITE_DONE) return std::unexpected(error(code, "running \"" + sql + "\""));
  return out;
}

}  // namespace writ::store
