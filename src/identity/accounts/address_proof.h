#pragma once
// What happens when an address is proved for the first time. Who registered it may be somebody
// else, who then holds what was given out before: sessions, API keys, identities at providers, a
// second factor of theirs.
// None of that outlives the proof.
//
// All functions belong to the thread of their transaction.
#include <string_view>

#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/accounts/users.h"
#include "store/store.h"

namespace writ::identity {

// The address is the user's, who gets the account alone: verified, with the PHC string given for a
// password (empty: signs in by links), and with nothing of what was handed out before.
Result<User> hand_over(store::Tx& tx, const User& user, std::string_view password,
                       std::string_view why, const Deed& deed);

}  // namespace writ::identity
