#include "project/bare_store.h"

#include "base/id.h"
#include "project/migrations.h"
#include "project/used_store.h"

namespace writ::project {

Result<BareStore> open_bare_store(const Means& means, std::string_view url,
                                  const std::filesystem::path& directory) {
  BareStore out;
  WRIT_TRY(OpenedStore opened, open_used_store(means, std::string(url),
                                               {.settings = directory / "settings.yaml",
                                                .blobs = directory / "blobs",
                                                .source = out.source}));
  out.store = std::move(opened.store);
  WRIT_CHECK(out.store->migrate(project_migrations(), store::DryRun::no));
  WRIT_TRY(out.blobs, means.open_blobs(opened.url, *out.store, directory / "blobs"));
  ledger::LedgerOptions log;
  log.origin = "writ.local/" + Uuid::v7(means.clock, means.random).text();
  WRIT_TRY(out.ledger, ledger::Ledger::open(*out.store, means.clock, means.random, std::move(log)));
  return out;
}

}  // namespace writ::project
