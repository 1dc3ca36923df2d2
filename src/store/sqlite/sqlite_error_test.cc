#include "store/sqlite/sqlite_error.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace writ::store {
namespace {

struct Row {
  int sqlite;
  Code code;
};

TEST(SqliteError, TellsWhatACallerCanReactTo) {
  constexpr Row kRows[] = {
      {SQLITE_BUSY, Code::unavailable},
      {SQLITE_BUSY_SNAPSHOT, Code::unavailable},
      {SQLITE_FULL, Code::storage_failed},
      {SQLITE_IOERR_WRITE, Code::storage_failed},
      {SQLITE_IOERR_FSYNC, Code::storage_failed},
      {SQLITE_READONLY_DBMOVED, Code::storage_failed},
      {SQLITE_CANTOPEN, Code::storage_failed},
      {SQLITE_CORRUPT, Code::tampered},
      {SQLITE_NOTADB, Code::tampered},
      {SQLITE_TOOBIG, Code::invalid_input},
      {SQLITE_MISUSE, Code::internal},
  };
  for (const Row& row : kRows) {
    const Error error = sqlite_error(row.sqlite, "committing", "a/store.db", nullptr);
    EXPECT_EQ(error.code, row.code) << row.sqlite;
    EXPECT_TRUE(error.message.starts_with("the store a/store.db failed while committing: "))
        << error.message;
    EXPECT_TRUE(error.message.ends_with("(SQLite " + std::to_string(row.sqlite) + ")"));
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(SqliteError, KnowsWhichFailuresLeaveDurabilityUnknown) {
  EXPECT_TRUE(is_sync_failure(SQLITE_IOERR_FSYNC));
  EXPECT_TRUE(is_sync_failure(SQLITE_IOERR_DIR_FSYNC));
  EXPECT_FALSE(is_sync_failure(SQLITE_IOERR_WRITE));
  EXPECT_FALSE(is_sync_failure(SQLITE_FULL));
}

}  // namespace
}  // namespace writ::store
