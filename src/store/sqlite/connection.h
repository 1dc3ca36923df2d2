#pragma once
// One SQLite connection with its prepared statements. The only file that holds raw handles.
//
// One thread at a time. Not movable: SQLite keeps its address for the busy handler.
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/open.h"
#include "store/store.h"

namespace writ::store {

struct ConnectionOptions {
  std::chrono::milliseconds busy_timeout{5'000};
  std::string vfs;  // empty: SQLite's own
  Fence fence = Fence::heeds;
};

// Statements on a table, in the order of kTableSql.
enum class Verb : std::uint8_t {
  get,
  put,
  insert,
  erase,
  scan_up,
  scan_up_open,
  scan_down,
  scan_down_open,
};
inline constexpr std::size_t kVerbs = 8;

// Statements on the transaction, in the order of kControlSql.
enum class Control : std::uint8_t {
  begin_read,
  begin_write,
  commit,
  rollback,
  savepoint,
  release,
  rollback_to,
};
inline constexpr std::size_t kControls = 7;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// One execution of a prepared statement; reset when it goes out of scope.
class Execution {
 public:
  explicit Execution(sqlite3_stmt* statement) : statement_(statement) {}
  Execution(Execution&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
  }

  // Borrowed until the execution ends.
  Execution& bind(int index, std::string_view bytes);
  Execution& bind(int index, std::int64_t number);
  // SQLITE_ROW, SQLITE_DONE or an extended error code; a failed bind shows here.
  int step();
  std::string column(int index) const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = SQLITE_OK;
};

class Connection {
 public:
  // Opens an existing file for reading and writing and sets what every connection needs.
  static Result<std::unique_ptr<Connection>> open(std::string path,
                                                  const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Errors: internal (no such table).
  Result<Execution> on_table(const Table& table, Verb verb);
  // An extended result code; SQLITE_OK when done.
  int control(Control control);
  // SQL of ours without parameters whose rows do not matter.
  Result<void> execute(const std::string& sql);
  // The first column of each row.
  Result<std::vector<std::string>> query(const std::string& sql);

  bool is_in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  sqlite3* handle() const { return db_.get(); }
  const std::string& path() const { return path_; }
  Error error(int code, std::string_view doing) const;

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct HashName {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  using TableStatements = std::array<Statement, kVerbs>;

  Connection(std::string path, std::chrono::milliseconds busy_timeout);
  Result<Statement> prepare(std::string_view sql);
  Result<Statement> prepare_on(std::string_view table, Verb verb);
  static int wait_while_busy(void* self, int attempt);

  std::string path_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point busy_since_;
  std::unique_ptr<sqlite3, Close> db_;
  std::array<Statement, kControls> controls_;
  std::unordered_map<std::string, TableStatements, HashName, std::equal_to<>> tables_;
};

}  // namespace writ::store
