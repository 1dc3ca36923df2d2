#pragma once
// What SQLite's result codes mean to a caller of the store.
#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace writ::store {

// `code`: an extended result code. `doing`: "committing", "reading table x".
// `db` adds the operating system's cause; may be null.
Error sqlite_error(int code, std::string_view doing, std::string_view path, sqlite3* db);

// Whether the kernel failed to make bytes durable. What it held may be lost even though a later
// sync succeeds, so nothing that was open may go on as if nothing had happened.
bool is_sync_failure(int code);
// Of a sync that has just failed on `db`: whether the disk was full, or a quota used up.
bool is_for_want_of_space(sqlite3* db);

}  // namespace writ::store
