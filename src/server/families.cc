#include "server/families.h"

#include <utility>

#include "evidence/archive.h"
#include "execution/journal.h"
#include "identity/principals.h"
#include "ledger/ledger.h"
#include "store/blob_store.h"

namespace writ::server {

std::vector<store::Migration> project_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part :
       {store::blob_migrations(), ledger::ledger_migrations(), evidence::evidence_migrations(),
        execution::execution_migrations(), identity::principal_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void put(Composition& out, std::string family, std::vector<Binding> operations) {
  out.families.insert(std::move(family));
  for (Binding& one : operations) out.bindings.push_back(std::move(one));
}

// One line for each family: put(out, "rbac", rbac_operations(services));
Result<Composition> compose(const FamilyNeeds&) { return Composition{}; }

}  // namespace writ::server
