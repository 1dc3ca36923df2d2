#include "identity/accounts/account_migrations.h"

#include "identity/accounts/api_keys.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/users.h"
#include "identity/directory/directory_people.h"
#include "identity/federation/linked_identities.h"
#include "identity/federation/sign_in_trips.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/revocations.h"
#include "identity/token/token_keys.h"
#include "identity/upkeep.h"

namespace writ::identity {

std::vector<store::Migration> account_migrations() {
  std::vector<store::Migration> all;
  for (auto&& part : {user_migrations(), session_migrations(), refresh_migrations(),
                      one_time_migrations(), lockout_migrations(), mail_migrations(),
                      settings_migrations(), factor_migrations(), api_key_migrations(),
                      token_key_migrations(), revocation_migrations(), delegation_migrations(),
                      linked_identity_migrations(), trip_migrations(), application_migrations(),
                      authorization_migrations(), upkeep_migrations(), directory_migrations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace writ::identity
