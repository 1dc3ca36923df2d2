#pragma once
// Access tokens that were taken back before their time (RFC 7009), by their `jti`. Whatever was
// exchanged from one names it (AccessClaims::via) and ends with it; none of that outlives it, so a
// row is of use until the token would have expired anyway.
//
// All functions belong to the thread of their transaction.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/token/claims.h"
#include "store/store.h"

namespace writ::identity {

// "token/<jti>", as callers, events and `via` name a token.
std::string token_subject(std::string_view token_id);

// False: it was taken back before.
Result<bool> revoke_token(store::Tx& tx, const AccessClaims& claims, const Deed& deed);
Result<bool> is_token_revoked(store::Tx& tx, std::string_view token_id);
// Rows that are of no use any more, at most `limit` looked at from behind `after`; where to go on,
// empty at the end.
Result<std::string> sweep_revocations(store::Tx& tx, std::string after, std::size_t limit,
                                      WallTime now);

std::vector<store::Migration> revocation_migrations();

}  // namespace writ::identity
