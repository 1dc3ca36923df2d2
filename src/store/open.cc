#include "store/open.h"

#include "base/clock.h"
#include "store/blob_store.h"
#include "store/copy.h"
#include "store/directory/directory_blob_store.h"
#include "store/memory/memory_store.h"
#include "store/postgres/pg_store.h"
#include "store/rows/row_blob_store.h"
#include "store/sqlite/sqlite_store.h"

namespace writ::store {
namespace {

constexpr std::string_view kMemory = "memory:";
constexpr std::string_view kPostgres = "postgresql://";
constexpr std::string_view kSqlite = "sqlite:";

const Clock& machine_clock() {
  static const SystemClock kClock;
  return kClock;
}

Result<std::unique_ptr<Store>> open_any(std::string_view url, const OpenOptions& options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : machine_clock();
  if (url == kMemory) return make_memory_store(clock, options.fence);
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return open_sqlite_store(std::string(url.substr(kSqlite.size())), clock, options);
  }
  if (url.starts_with(kPostgres)) return open_pg_store(std::string(url), options);
  return fail(Code::unsupported,
              "cannot open the store \"" + std::string(url.substr(0, url.find(':'))) + ":…\"",
              "Name it as sqlite:PATH or postgresql://USER@HOST/DATABASE (or memory: for a store "
              "that forgets)");
}

}  // namespace

Result<std::unique_ptr<Store>> open(std::string_view url, const OpenOptions& options) {
  WRIT_TRY(auto store, open_any(url, options));
  if (options.unfinished_copy == UnfinishedCopy::open) return store;
  WRIT_TRY(const bool is_unfinished, is_unfinished_copy(*store));
  if (!is_unfinished) return store;
  return fail(Code::conflict, "the store is a copy that has not been finished",
              "Finish copying, or name the store that it was copied from");
}

Result<std::unique_ptr<BlobStore>> open_blobs(std::string_view url, Store& store,
                                              const std::filesystem::path& directory,
                                              const Clock& clock, Random& random) {
  if (url.starts_with(kPostgres)) return open_row_blob_store(store, random);
  return open_directory_blob_store(directory, clock);
}

}  // namespace writ::store
