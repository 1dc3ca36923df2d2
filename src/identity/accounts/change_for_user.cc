#include "identity/accounts/change_for_user.h"

#include <utility>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/sessions.h"

namespace writ::identity {

Result<User> change_for_user(store::Tx& tx, const User& before, const UserChange& change,
                             std::string_view why, const Deed& deed) {
  WRIT_TRY(User user, change_user(tx, before.id, change, deed));
  const bool is_switched_off = change.is_active == false;
  if (is_switched_off) WRIT_CHECK(revoke_api_keys_of(tx, user.id, deed));
  if (is_switched_off || user.email != before.email) {
    WRIT_CHECK(end_sessions_of(tx, user.id, {}, why, deed));
    WRIT_CHECK(erase_one_time_tokens(tx, user.id));
  }
  return user;
}

}  // namespace writ::identity
