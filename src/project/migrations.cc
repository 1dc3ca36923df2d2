#include "project/migrations.h"

#include "evidence/archive.h"
#include "execution/journal.h"
#include "identity/accounts/account_migrations.h"
#include "identity/graph/graph_links.h"
#include "identity/kv/entries.h"
#include "identity/principals.h"
#include "identity/rbac/access_rows.h"
#include "ledger/ledger.h"
#include "project/driven_runs.h"
#include "store/blob_store.h"

namespace writ::project {

std::vector<store::Migration> project_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part :
       {store::blob_migrations(), ledger::ledger_migrations(), evidence::evidence_migrations(),
        execution::execution_migrations(), identity::principal_migrations(),
        identity::account_migrations(), identity::access_migrations(), identity::graph_migrations(),
        identity::entry_migrations(), driven_run_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace writ::project
