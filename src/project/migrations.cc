#include "project/migrations.h"

#include "evidence/archive.h"
#include "execution/journal.h"
#include "identity/identity_migrations.h"
#include "ledger/ledger.h"
#include "project/driven_runs.h"
#include "project/store_switch.h"
#include "store/blob_store.h"

namespace writ::project {

std::vector<store::Migration> project_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part :
       {store::blob_migrations(), ledger::ledger_migrations(), evidence::evidence_migrations(),
        execution::execution_migrations(), identity::identity_migrations(), driven_run_migrations(),
        store_switch_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace writ::project
