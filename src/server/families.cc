#include "server/families.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "evidence/archive.h"
#include "execution/journal.h"
#include "identity/accounts/account_migrations.h"
#include "identity/graph/graph_links.h"
#include "identity/principals.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_rows.h"
#include "ledger/ledger.h"
#include "server/auth/auth_operations.h"
#include "server/auth/authenticator.h"
#include "server/iam/iam_operations.h"
#include "server/rbac/rbac_operations.h"
#include "store/blob_store.h"

namespace writ::server {
namespace {

// A person's own session may be used for everything that the contract has a scope for.
std::vector<std::string> all_scopes(const contract::Description& description) {
  std::set<std::string> scopes;
  for (const contract::DescribedOperation& operation : description.operations()) {
    scopes.insert(operation.scopes.begin(), operation.scopes.end());
  }
  return {scopes.begin(), scopes.end()};
}

AuthOptions auth_options(const FamilyNeeds& needs) {
  const std::filesystem::path directory = needs.directory / "identity";
  AuthOptions out{.secrets = directory / "secrets.json", .outbox = directory / "outbox"};
  out.public_url = needs.public_url;
  out.trusted_proxies = needs.trusted_proxies;
  out.session_scopes = all_scopes(needs.description);
  return out;
}

}  // namespace

std::vector<store::Migration> project_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part : {store::blob_migrations(), ledger::ledger_migrations(),
                      evidence::evidence_migrations(), execution::execution_migrations(),
                      identity::principal_migrations(), identity::account_migrations(),
                      identity::access_migrations(), identity::graph_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void put(Composition& out, std::string family, std::vector<Binding> operations) {
  out.families.insert(std::move(family));
  for (Binding& one : operations) out.bindings.push_back(std::move(one));
}

// One line for each family: put(out, "rbac", rbac_operations(services));
Result<Composition> compose(const FamilyNeeds& needs) {
  Composition out;
  WRIT_TRY(const auto auth, AuthService::open({.store = needs.project.store(),
                                               .journal = needs.project.journal(),
                                               .clock = needs.clock,
                                               .random = needs.random},
                                              auth_options(needs)));
  out.doorkeeper = std::make_unique<Authenticator>(auth);
  put(out, "auth", auth_operations(auth));
  put(out, "users", user_operations(auth));
  WRIT_TRY(auto opened,
           identity::AccessControl::open(
               {needs.project.store(), needs.project.journal(), needs.random, {}, {}}));
  const std::shared_ptr<identity::AccessControl> access = std::move(opened);
  put(out, "rbac", rbac_operations({access, needs.project.store(), needs.clock, needs.public_url}));
  // The keys belong to `auth`, and keep it.
  put(out, "iam",
      iam_operations({access, needs.project.store(), needs.project.journal(), needs.clock,
                      needs.random, SealingKeys(auth, &auth->parts().keks)}));
  return out;
}

}  // namespace writ::server
