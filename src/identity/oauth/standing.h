#pragma once
// Whether what an access token rests on still stands, asked of the store with every request: the
// session, the epochs of the subject and of every actor, those who answer for them, the keys that
// the token was asked for with, the tokens that it was exchanged from. One of them gone, and the
// token is void.
//
// Functions belong to the thread of their transaction.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/sessions.h"
#include "identity/caller.h"
#include "identity/token/claims.h"
#include "store/store.h"

namespace writ::identity {

// What credentials of people may be used for. Borrowed for the call.
struct ScopeRules {
  std::string_view own_client;                      // of tokens that a session is given
  const std::vector<std::string>& session_scopes;   // sorted: of a person's own session
  const std::vector<std::string>& reserved_scopes;  // of which these are for superusers alone
};

struct Standing {
  Caller caller = {};
  std::optional<Session> session = {};  // where one stands behind it
};

// Of `scopes`, those that the principal may use now: reserved ones are dropped. Errors:
// unauthenticated (there is no such principal).
Result<std::vector<std::string>> usable_scopes(store::Tx& tx, PrincipalId id,
                                               std::vector<std::string> scopes,
                                               const ScopeRules& rules);

// Errors: unauthenticated, saying nothing of the reason.
Result<Standing> standing_of(store::Tx& tx, const AccessClaims& claims, const ScopeRules& rules);
Result<Standing> standing_of_session(store::Tx& tx, const Session& session,
                                     const ScopeRules& rules);
// Of whoever shows the key itself. Whoever made it answers for it: it ends with them.
Result<Standing> standing_of_key(store::Tx& tx, const ApiKey& key, const ScopeRules& rules);

}  // namespace writ::identity
