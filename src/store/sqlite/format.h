#pragma once
// The file itself: made with mode 0600, marked as Writ's, refused when it is somebody else's or
// newer than this binary.
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/open.h"
#include "store/sqlite/connection.h"

namespace writ::store {

// "Writ" in ASCII; `file` and SQLite's own tools show it.
inline constexpr std::int64_t kApplicationId = 0x57726974;
// Counts changes of the adapter's own layout (t_ tables, writ_migrations, writ_clock). Modules
// version their rows through migrations.
inline constexpr std::int64_t kFormatVersion = 1;

// Makes an empty file when there is none. Errors: not_found (with IfMissing::fail),
// storage_failed.
Result<void> create_file(const std::string& path, IfMissing if_missing);

// Connection::open, but a file that is no database at all is `unsupported`: nobody has tampered
// with it, it was never ours.
Result<std::unique_ptr<Connection>> open_checked(const std::string& path,
                                                 const ConnectionOptions& options);

// Makes an empty file a store; several processes may try at once. Errors: unsupported (foreign,
// newer), those of SQLite.
Result<void> prepare_format(Connection& connection);

}  // namespace writ::store
