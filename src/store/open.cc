#include "store/open.h"

#include "base/clock.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace writ::store {
namespace {

constexpr std::string_view kMemory = "memory:";
constexpr std::string_view kSqlite = "sqlite:";

const Clock& machine_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

Result<std::unique_ptr<Store>> open(std::string_view url, const OpenOptions& options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : machine_clock();
  if (url == kMemory) return make_memory_store(clock);
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return open_sqlite_store(std::string(url.substr(kSqlite.size())), clock, options);
  }
  return fail(Code::unsupported, "cannot open the store \"" + std::string(url) + "\"",
              "Name it as sqlite:PATH (or memory: for a store that forgets)");
}

}  // namespace writ::store
