#include "store/sqlite/format.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "store/migrate.h"
#include "store/sqlite/sqlite_tx.h"

namespace writ::store {
namespace {

std::unexpected<Error> cannot_create(const std::string& path, int cause) {
  return fail(Code::storage_failed, "cannot create the store " + path + ": " + std::strerror(cause),
              "Check that its directory exists and is yours");
}

// A new file's name must be as durable as its bytes.
Result<void> sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return cannot_create(path, errno);
  const int cause = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (cause != 0) return cannot_create(path, cause);
  return {};
}

Result<std::int64_t> integer(Connection& connection, const std::string& sql) {
  WRIT_TRY(const auto rows, connection.query(sql));
  return rows.empty() ? 0 : std::stoll(rows.front());
}

struct Marks {
  std::int64_t application_id = 0;
  std::int64_t user_version = 0;
  std::int64_t objects = 0;
};

// In one snapshot: another process may be making the store at this moment. An error leaves the
// savepoint open; the connection is given up then.
Result<Marks> read_marks(Connection& connection) {
  Marks out;
  WRIT_CHECK(connection.execute("SAVEPOINT marks"));
  WRIT_TRY(out.application_id, integer(connection, "PRAGMA application_id"));
  WRIT_TRY(out.user_version, integer(connection, "PRAGMA user_version"));
  WRIT_TRY(out.objects, integer(connection, "SELECT count(*) FROM sqlite_schema"));
  WRIT_CHECK(connection.execute("RELEASE marks"));
  return out;
}

// Whether this is a store already; false: an empty file. Errors: unsupported.
Result<bool> is_store(Connection& connection) {
  WRIT_TRY(const Marks marks, read_marks(connection));
  if (marks.application_id == 0 && marks.user_version == 0 && marks.objects == 0) return false;
  if (marks.application_id != kApplicationId) {
    return fail(Code::unsupported, connection.path() + " is a database of another program",
                "Name another file for the store");
  }
  if (marks.user_version > kFormatVersion) {
    return fail(Code::unsupported,
                connection.path() + " has store format " + std::to_string(marks.user_version) +
                    ", this binary knows formats up to " + std::to_string(kFormatVersion),
                "Use the newer Writ that made this store");
  }
  return true;
}

// Changing the journal mode needs the file alone and does not use the busy handler.
Result<void> use_write_ahead_log(Connection& connection) {
  constexpr int kAttempts = 1'000;
  for (int attempt = 0;; ++attempt) {
    auto mode = connection.query("PRAGMA journal_mode = WAL");
    if (mode && mode->front() == "wal") return {};
    if (mode) {
      return fail(Code::unsupported, connection.path() + " cannot keep a write-ahead log",
                  "Put the store on a local file system");
    }
    if (mode.error().code != Code::unavailable || attempt == kAttempts) {
      return std::unexpected(std::move(mode).error());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<void> initialise(Connection& connection) {
  for (const Table& table : {kMigrationsTable, kClockTable}) {
    WRIT_CHECK(connection.execute("CREATE TABLE t_" + std::string(table.name) +
                                  " (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID"));
  }
  WRIT_CHECK(connection.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
  return connection.execute("PRAGMA user_version = " + std::to_string(kFormatVersion));
}

}  // namespace

Result<void> create_file(const std::string& path, IfMissing if_missing) {
  if (if_missing == IfMissing::fail) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) return {};
    if (errno != ENOENT && errno != ENOTDIR) return cannot_create(path, errno);
    return fail(Code::not_found, "there is no store at " + path, "`writ init` makes one");
  }
  // Never opens a file that exists: closing it would drop the locks that SQLite holds on it.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return cannot_create(path, errno);
  }
  ::close(fd);
  return sync_directory_of(path);
}

Result<std::unique_ptr<Connection>> open_checked(const std::string& path,
                                                 const ConnectionOptions& options) {
  auto connection = Connection::open(path, options);
  if (!connection && connection.error().code == Code::tampered) {
    return fail(Code::unsupported, path + " is no Writ store",
                "Name another file, or restore this one from a backup if it was a store");
  }
  return connection;
}

Result<void> prepare_format(Connection& connection) {
  WRIT_TRY(const bool is_ready, is_store(connection));
  WRIT_CHECK(use_write_ahead_log(connection));
  if (is_ready) return {};
  WRIT_CHECK(connection.execute("BEGIN IMMEDIATE"));
  // Another process may have been quicker.
  auto is_ready_now = is_store(connection);
  Result<void> made = {};
  if (!is_ready_now) made = std::unexpected(is_ready_now.error());
  if (is_ready_now && !*is_ready_now) made = initialise(connection);
  if (made) made = connection.execute("COMMIT");
  if (!made && connection.is_in_transaction()) WRIT_CHECK(connection.execute("ROLLBACK"));
  return made;
}

}  // namespace writ::store
