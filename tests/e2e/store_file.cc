#include "store_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>

namespace writ::e2e {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Statement prepare(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(db);
  return Statement(statement);
}

std::string column(sqlite3_stmt* statement, int index) {
  const void* bytes = sqlite3_column_blob(statement, index);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
  return bytes == nullptr ? "" : std::string(static_cast<const char*>(bytes), size);
}

void bind_blob(sqlite3_stmt* statement, int index, const std::string& bytes) {
  sqlite3_bind_blob(statement, index, bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_TRANSIENT);
}

}  // namespace

bool change_row(const std::filesystem::path& file, const std::string& table,
                const std::function<bool(std::string& value)>& change) {
  sqlite3* opened = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  const Database db(opened);
  std::string key;
  std::string value;
  {
    const Statement rows = prepare(opened, "SELECT k, v FROM t_" + table + " ORDER BY k");
    bool is_changed = false;
    while (!is_changed && sqlite3_step(rows.get()) == SQLITE_ROW) {
      key = column(rows.get(), 0);
      value = column(rows.get(), 1);
      is_changed = change(value);
    }
    if (!is_changed) return false;
  }
  const Statement update = prepare(opened, "UPDATE t_" + table + " SET v = ? WHERE k = ?");
  bind_blob(update.get(), 1, value);
  bind_blob(update.get(), 2, key);
  EXPECT_EQ(sqlite3_step(update.get()), SQLITE_DONE) << sqlite3_errmsg(opened);
  return true;
}

}  // namespace writ::e2e
