#include "store/sqlite/sqlite_error.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace writ::store {
namespace {

struct Meaning {
  int primary;
  Code code;
  std::string_view remedy;  // empty: the code's default
};

constexpr std::string_view kMakeWritable = "Make the store's file and directory writable";

// Sorted by primary result code; what is not listed is a defect of ours.
constexpr std::array kMeanings = {
    Meaning{SQLITE_PERM, Code::storage_failed, kMakeWritable},
    Meaning{SQLITE_BUSY, Code::unavailable, "Retry when the other process is done"},
    Meaning{SQLITE_LOCKED, Code::unavailable, "Retry when the other process is done"},
    Meaning{SQLITE_NOMEM, Code::unavailable, "Free memory and retry"},
    Meaning{SQLITE_READONLY, Code::storage_failed, kMakeWritable},
    Meaning{SQLITE_IOERR, Code::storage_failed, {}},
    Meaning{SQLITE_CORRUPT, Code::tampered, {}},
    Meaning{SQLITE_FULL, Code::storage_failed, "Free disk space, then retry"},
    Meaning{SQLITE_CANTOPEN, Code::storage_failed, "Check that its directory exists and is yours"},
    Meaning{SQLITE_PROTOCOL, Code::unavailable, "Retry when the other process is done"},
    Meaning{SQLITE_TOOBIG, Code::invalid_input, "Keep large bytes as a blob"},
    Meaning{SQLITE_NOTADB, Code::tampered, {}},
};

constexpr int primary_of(int code) { return code & 0xff; }

int last_errno_of(sqlite3_file* file) {
  int out = 0;
  if (file == nullptr || file->pMethods == nullptr) return out;
  file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &out);
  return out;
}

// SQLite keeps the cause of a failed commit with the file that it happened to, not with the
// connection. Of the write-ahead log and of the database; 0: nothing has failed there.
std::array<int, 2> causes_of(sqlite3* db) {
  std::array<int, 2> out{};
  const int operations[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
  for (std::size_t i = 0; i < out.size(); ++i) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(db, "main", operations[i], &file) == SQLITE_OK) {
      out[i] = last_errno_of(file);
    }
  }
  return out;
}

bool is_full(int cause) { return cause == ENOSPC || cause == EDQUOT; }

}  // namespace

Error sqlite_error(int code, std::string_view doing, std::string_view path, sqlite3* db) {
  std::string message = "the store " + std::string(path) + " failed while " + std::string(doing) +
                        ": " + sqlite3_errstr(primary_of(code));
  const bool has_cause =
      db != nullptr && (primary_of(code) == SQLITE_IOERR || primary_of(code) == SQLITE_CANTOPEN);
  if (const int cause = has_cause ? sqlite3_system_errno(db) : 0; cause != 0) {
    message += std::string(", ") + std::strerror(cause);
  }
  message += " (SQLite " + std::to_string(code) + ")";
  const auto row = std::ranges::find(kMeanings, primary_of(code), &Meaning::primary);
  if (row != kMeanings.end()) {
    return fail(row->code, std::move(message), std::string(row->remedy)).error();
  }
  if (db != nullptr) message += std::string(": ") + sqlite3_errmsg(db);
  return fail(Code::internal, std::move(message)).error();
}

bool is_sync_failure(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

// Where anything else has failed too, nobody knows which it was this time.
bool is_for_want_of_space(sqlite3* db) {
  const std::array<int, 2> causes = causes_of(db);
  return std::ranges::any_of(causes, &is_full) &&
         std::ranges::all_of(causes, [](int cause) { return cause == 0 || is_full(cause); });
}

}  // namespace writ::store
