#include "identity/token/access_token.h"

#include <algorithm>

#include "base/json.h"

namespace writ::identity {
namespace {

using crypto::refuse_token;
using crypto::TokenFault;

constexpr crypto::JwsAlgorithm kAllowed[] = {crypto::JwsAlgorithm::eddsa,
                                             crypto::JwsAlgorithm::es256};
constexpr DocumentLimits kPayloadLimits{
    .max_bytes = crypto::kMaxTokenBytes, .max_depth = 4 * kMaxActors, .max_nodes = 2'000};

bool is_audience(const Value& claim, std::string_view wanted) {
  if (claim.is_string()) return claim.as_string() == wanted;
  return claim.is_array() &&
         std::ranges::find(claim.as_array(), Value(wanted)) != claim.as_array().end();
}

bool is_complete(const AccessClaims& claims) {
  return !claims.subject.empty() && !claims.client_id.empty() && !claims.audience.empty() &&
         !claims.token_id.empty() && claims.issued_at < claims.expires_at &&
         claims.actors.size() <= kMaxActors;
}

}  // namespace

Result<std::string> sign_claims(const TokenKeySet& keys, WallTime now, TokenType type,
                                const Value& claims) {
  const crypto::JwsKey* const key = keys.signing_key(now);
  if (key == nullptr) {
    return fail(Code::unavailable, "no key signs tokens now", "Rotate the token keys");
  }
  return crypto::jws_sign(*key, kTokenTypes.name(type), to_json(claims));
}

Result<Value> verify_claims(const TokenKeySet& keys, TokenType type, std::string_view token) {
  WRIT_TRY(const crypto::Jws jws, crypto::jws_verify(keys.published(), token, kAllowed));
  if (jws.type != kTokenTypes.name(type)) return refuse_token(TokenFault::type_wrong);
  auto claims = parse_json(jws.payload, {}, kPayloadLimits);  // refuses members that stand twice
  if (!claims || !claims->is_object()) return refuse_token(TokenFault::payload_malformed);
  return claims;
}

Result<void> check_times(const Value& claims, Seconds now, std::chrono::seconds skew) {
  WRIT_TRY(const auto expires_at, read_date(claims, "exp"));
  WRIT_TRY(const auto not_before, read_date(claims, "nbf"));
  WRIT_TRY(const auto issued_at, read_date(claims, "iat"));
  if (!expires_at) return refuse_token(TokenFault::claim_missing);
  if (*expires_at + skew <= now) return refuse_token(TokenFault::expired);
  if (not_before && *not_before > now + skew) return refuse_token(TokenFault::not_yet_valid);
  if (issued_at && *issued_at > now + skew) return refuse_token(TokenFault::not_yet_valid);
  return {};
}

Result<void> check_issuer(const Value& claims, std::string_view issuer) {
  const Value* const iss = claims.find("iss");
  if (iss == nullptr) return refuse_token(TokenFault::claim_missing);
  if (!(*iss == Value(issuer))) return refuse_token(TokenFault::issuer_wrong);
  return {};
}

Result<void> check_parties(const Value& claims, std::string_view issuer,
                           std::string_view audience) {
  const Value* const aud = claims.find("aud");
  if (aud == nullptr) return refuse_token(TokenFault::claim_missing);
  WRIT_CHECK(check_issuer(claims, issuer));
  if (!is_audience(*aud, audience)) return refuse_token(TokenFault::audience_wrong);
  return {};
}

AccessTokens::AccessTokens(TokenKeys& keys, const Clock& clock, TokenRules rules)
    : keys_(keys), clock_(clock), rules_(std::move(rules)), cache_(rules_.cached_tokens) {}

Result<std::string> AccessTokens::issue(AccessClaims claims) const {
  if (!is_complete(claims)) {
    return fail(Code::invalid_input, "an access token needs all that RFC 9068 asks for",
                "Give subject, client, audience, id and times, and at most 8 actors");
  }
  claims.issuer = rules_.issuer;
  return sign_claims(*keys_.current(), clock_.wall(), TokenType::access, claims_to_value(claims));
}

Result<SharedClaims> AccessTokens::check(std::string_view token) {
  if (token.size() > crypto::kMaxTokenBytes) return refuse_token(TokenFault::too_large);
  const crypto::Digest digest = crypto::sha256(token);
  const Seconds now = to_seconds(clock_.wall());
  const std::uint64_t generation = keys_.current()->generation();
  if (auto known = cache_.find(digest, generation, now)) return known;
  auto claims = verify(token, Audience::own, now);
  if (!claims) return claims;
  // Where the keys changed meanwhile, the entry is of an old generation and counts no more.
  cache_.insert(digest, *claims, generation, (*claims)->expires_at + rules_.clock_skew);
  return claims;
}

Result<SharedClaims> AccessTokens::inspect(std::string_view token) {
  if (token.size() > crypto::kMaxTokenBytes) return refuse_token(TokenFault::too_large);
  return verify(token, Audience::any, to_seconds(clock_.wall()));
}

Result<SharedClaims> AccessTokens::verify(std::string_view token, Audience audience, Seconds now) {
  auto claims = verify(token, audience, *keys_.current(), now);
  if (claims || !crypto::is_refusal(claims.error(), TokenFault::key_unknown)) return claims;
  WRIT_CHECK(keys_.refresh());  // another server may have rotated
  return verify(token, audience, *keys_.current(), now);
}

Result<SharedClaims> AccessTokens::verify(std::string_view token, Audience audience,
                                          const TokenKeySet& keys, Seconds now) const {
  WRIT_TRY(const Value payload, verify_claims(keys, TokenType::access, token));
  if (audience == Audience::own) {
    WRIT_CHECK(check_parties(payload, rules_.issuer, rules_.audience));
  } else {
    WRIT_CHECK(check_issuer(payload, rules_.issuer));
  }
  WRIT_CHECK(check_times(payload, now, rules_.clock_skew));
  WRIT_TRY(AccessClaims claims, claims_from_value(payload));
  return std::make_shared<const AccessClaims>(std::move(claims));
}

}  // namespace writ::identity
