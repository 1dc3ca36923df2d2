#pragma once
// API keys that people make for themselves. A key outlives the session it was made in, so that a
// session that somebody else got hold of must not be enough to make one: who signed in a while ago
// shows the password again, and the owner is told by mail.
//
// Thread-safe; blocking.
#include <chrono>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/own_account.h"

namespace writ::identity {

// For so long after it a sign-in stands for the password.
inline constexpr std::chrono::minutes kRecentSignIn{10};

// In the transaction. Of an owner without a session: no.
Result<bool> has_signed_in_recently(store::Tx& tx, const Owner& owner);

// Requires: `owner.session`; `key` is complete but for `created_at`, which is set.
// Outcomes: done, wrong_password (asked for, and none or a wrong one given), must_wait.
// Errors: those of put_api_key, of require_owner and of the parts.
Result<OwnOutcome> make_own_key(const AccountParts& parts, const Owner& owner, ApiKey& key,
                                std::string_view current_password, const Asker& asker);

}  // namespace writ::identity
