#pragma once
// Access tokens: issued and checked (RFC 9068; ASVS 9.1 and 9.2). A check says who the token speaks
// of, not whether they still may: session, epoch and actors are asked of the store by the caller.
//
// Thread-safe. Issuing costs one signature, a first check one verification, a repeated one a
// digest.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/token/claims.h"
#include "identity/token/token_cache.h"
#include "identity/token/token_keys.h"
#include "identity/token/token_type.h"

namespace writ::identity {

struct TokenRules {
  std::string issuer;    // what `iss` is, to the letter
  std::string audience;  // what `aud` must contain, to the letter
  // How far the clocks of servers may be apart; at most a minute is sensible.
  std::chrono::seconds clock_skew{30};
  std::size_t cached_tokens = 65'536;
};

class AccessTokens {
 public:
  // `keys` and `clock` are borrowed.
  AccessTokens(TokenKeys& keys, const Clock& clock, TokenRules rules);

  // Requires: what RFC 9068 asks for is set (subject, client_id, audience, token_id, issued_at, a
  // later expires_at), at most kMaxActors actors. `issuer` becomes the rules' own.
  // Errors: invalid_input (it is not), unavailable (no key signs).
  Result<std::string> issue(AccessClaims claims) const;

  // Errors: signature_bad, with a reason of crypto/jose/token_fault.h; storage_failed (while
  // looking for a key that another server made).
  Result<SharedClaims> check(std::string_view token);
  // The same, whoever the token is meant for: for those who ask about one or take it back. Nothing
  // is remembered. Errors: those of check.
  Result<SharedClaims> inspect(std::string_view token);

 private:
  enum class Audience : std::uint8_t { own, any };
  Result<SharedClaims> verify(std::string_view token, Audience audience, Seconds now);
  Result<SharedClaims> verify(std::string_view token, Audience audience, const TokenKeySet& keys,
                              Seconds now) const;

  TokenKeys& keys_;
  const Clock& clock_;
  const TokenRules rules_;
  TokenCache cache_;
};

// Tokens of the other types: signed claims that the header's `typ` sets apart.
// Errors: unavailable.
Result<std::string> sign_claims(const TokenKeySet& keys, WallTime now, TokenType type,
                                const Value& claims);
// The claims, when the signature holds and the type is `type`; their content is the caller's to
// judge, with check_times and check_audience. Errors: signature_bad.
Result<Value> verify_claims(const TokenKeySet& keys, TokenType type, std::string_view token);
// `exp`, which must be there, `nbf` and `iat`. Errors: signature_bad.
Result<void> check_times(const Value& claims, Seconds now, std::chrono::seconds skew);
// `iss`, to the letter. Errors: signature_bad.
Result<void> check_issuer(const Value& claims, std::string_view issuer);
// `iss` and `aud`, to the letter. Errors: signature_bad.
Result<void> check_parties(const Value& claims, std::string_view issuer, std::string_view audience);

}  // namespace writ::identity
