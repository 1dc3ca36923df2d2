#pragma once
// What somebody else changes about a person's account: an administrator, a directory.
//
// Belongs to the thread of its transaction.
#include <string_view>

#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/accounts/users.h"
#include "store/store.h"

namespace writ::identity {

// Switched off, or with another address, the user is signed out, and links that were sent work no
// more; the keys of who is switched off do not come back with them. `why`: as sessions end.
// Errors: those of change_user.
Result<User> change_for_user(store::Tx& tx, const User& before, const UserChange& change,
                             std::string_view why, const Deed& deed);

}  // namespace writ::identity
