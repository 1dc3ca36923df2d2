#include "identity/identity_migrations.h"

#include "identity/accounts/account_migrations.h"
#include "identity/graph/graph_links.h"
#include "identity/kv/entries.h"
#include "identity/principals.h"
#include "identity/rbac/access_rows.h"
#include "identity/recovery/approvals.h"
#include "identity/recovery/recovery_rows.h"

namespace writ::identity {

std::vector<store::Migration> identity_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part :
       {principal_migrations(), account_migrations(), access_migrations(), graph_migrations(),
        entry_migrations(), recovery_migrations(), approval_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace writ::identity
