#include "identity/accounts/address_proof.h"

#include <string>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/sessions.h"
#include "identity/federation/linked_identities.h"
#include "identity/oauth/authorizations.h"

namespace writ::identity {

Result<User> hand_over(store::Tx& tx, const User& user, std::string_view password,
                       std::string_view why, const Deed& deed) {
  WRIT_CHECK(end_sessions_of(tx, user.id, {}, why, deed));
  WRIT_CHECK(revoke_api_keys_of(tx, user.id, deed));
  WRIT_CHECK(unlink_identities_of(tx, user.id, deed));
  WRIT_CHECK(erase_consents_of(tx, user.id));
  WRIT_CHECK(remove_factor(tx, user.id, deed));
  WRIT_CHECK(erase_one_time_tokens(tx, user.id));
  return change_user(tx, user.id, {.password = std::string(password), .is_verified = true}, deed);
}

}  // namespace writ::identity
