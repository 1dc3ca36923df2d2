#include "project/migrations.h"

#include "evidence/archive.h"
#include "execution/journal.h"
#include "identity/principals.h"
#include "ledger/ledger.h"
#include "store/blob_store.h"

namespace writ::project {

std::vector<store::Migration> project_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part :
       {store::blob_migrations(), ledger::ledger_migrations(), evidence::evidence_migrations(),
        execution::execution_migrations(), identity::principal_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace writ::project
