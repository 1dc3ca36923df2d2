#pragma once
// What a provider says of somebody who signed in there: id tokens (OpenID Connect Core sections 2
// and 3.1.3.7), checked against the provider's own keys, and answers of user information.
//
// Functions without state.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "crypto/jose/jwk.h"
#include "identity/token/claims.h"

namespace writ::identity {

struct Vouched {
  std::string issuer = {};
  std::string subject = {};
  std::string email = {};  // normalised; empty: none was said, or one that is not taken here
  bool is_email_verified = false;  // the provider says so in as many words
  // When they last proved to the provider who they are (`auth_time`). Nothing: it does not say, and
  // it may be long ago.
  std::optional<Seconds> authenticated_at = {};
};

// What an id token has to be about. Borrowed for the call.
struct IdTokenRules {
  std::string_view issuer;
  std::string_view client_id;
  std::string_view nonce;
};

// ES256, EdDSA and RS256 are taken; the key is the one that `keys` has for the token's `kid`.
// Errors: signature_bad, with a reason of crypto/jose/token_fault.h.
Result<Vouched> check_id_token(const crypto::JwkSet& keys, std::string_view token,
                               const IdTokenRules& rules, Seconds now);

// Claims of somebody whom the issuer is known to speak of: `subject_member` says who, in text or as
// a whole number. Errors: signature_bad (claim_missing, claim_malformed).
Result<Vouched> read_vouched(const Value& claims, std::string_view issuer,
                             std::string_view subject_member);

}  // namespace writ::identity
