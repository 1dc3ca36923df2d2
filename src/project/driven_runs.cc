#include "project/driven_runs.h"

#include <string>

#include "store/key.h"
#include "store/make_tables.h"

namespace writ::project {
namespace {

constexpr store::Table kDriven{"driven_run"};  // run → project
constexpr std::size_t kAll = 100'000;

std::string key_of(RunId run) { return store::Key().id(run).take(); }

}  // namespace

Result<void> list_driven(store::Store& store, RunId run, std::string_view project) {
  return store.write([&](store::Tx& tx) { return tx.put(kDriven, key_of(run), project); });
}

Result<void> unlist_driven(store::Store& store, RunId run) {
  return store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.erase(kDriven, key_of(run)));
    return {};
  });
}

Result<std::vector<RunId>> driven_runs(store::Store& store, std::string_view project) {
  return store.read([&](store::Tx& tx) -> Result<std::vector<RunId>> {
    WRIT_TRY(const auto rows, tx.scan(kDriven, store::Key().under(), kAll));
    std::vector<RunId> out;
    for (const store::Row& row : rows) {
      if (row.value != project) continue;
      WRIT_TRY(const Uuid run, store::KeyReader(row.key).uuid());
      out.push_back({run});
    }
    return out;
  });
}

std::vector<store::Migration> driven_run_migrations() {
  return store::make_tables("driven_runs", "which runs servers see to", {kDriven});
}

}  // namespace writ::project
