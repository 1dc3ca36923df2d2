#include "identity/accounts/account_secrets.h"

#include "identity/accounts/users.h"

namespace writ::identity {

Result<ServerSecrets> load_account_secrets(store::Store& store, const std::filesystem::path& path) {
  WRIT_TRY(const auto first,
           store.read([](store::Tx& tx) { return list_users(tx, std::nullopt, 1); }));
  return load_server_secrets(path, first.empty() ? IfMissing::make : IfMissing::fail);
}

}  // namespace writ::identity
