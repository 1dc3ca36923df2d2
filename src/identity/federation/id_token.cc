#include "identity/federation/id_token.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/jose/jws.h"
#include "identity/accounts/email.h"
#include "identity/federation/linked_identities.h"
#include "identity/token/access_token.h"

namespace writ::identity {
namespace {

using crypto::refuse_token;
using crypto::TokenFault;

constexpr crypto::JwsAlgorithm kAllowed[] = {
    crypto::JwsAlgorithm::eddsa, crypto::JwsAlgorithm::es256, crypto::JwsAlgorithm::rs256};
constexpr DocumentLimits kLimits{
    .max_bytes = crypto::kMaxTokenBytes, .max_depth = 16, .max_nodes = 2'000};
// Clocks of providers are not ours.
constexpr std::chrono::seconds kSkew{60};

// RFC 8725 section 3.11: access tokens and others of the same key say what they are.
bool is_id_token_type(std::string_view type) {
  return type.empty() || type == "JWT" || type == "jwt";
}

// Who else the token is for may have got it for us; then it says so (section 3.1.3.7, 3 to 5).
Result<void> check_party(const Value& claims, const IdTokenRules& rules) {
  WRIT_CHECK(check_parties(claims, rules.issuer, rules.client_id));
  const Value* const party = claims.find("azp");
  const Value& audience = *claims.find("aud");
  const bool is_for_others = audience.is_array() && audience.as_array().size() > 1;
  if (party == nullptr && is_for_others) return refuse_token(TokenFault::claim_missing);
  if (party != nullptr && !(*party == Value(rules.client_id))) {
    return refuse_token(TokenFault::audience_wrong);
  }
  return {};
}

Result<void> check_nonce(const Value& claims, std::string_view nonce) {
  const Value* const said = claims.find("nonce");
  if (said == nullptr) return refuse_token(TokenFault::claim_missing);
  if (!said->is_string() || !crypto::equal_constant_time(said->as_string(), nonce)) {
    return refuse_token(TokenFault::claim_malformed);
  }
  return {};
}

Result<std::string> subject_of(const Value& claims, std::string_view member) {
  const Value* const said = claims.find(member);
  if (said == nullptr) return refuse_token(TokenFault::claim_missing);
  std::string out;
  if (said->is_string()) out = said->as_string();
  if (said->is_integer()) out = std::to_string(said->as_integer());
  const bool is_printable = std::ranges::all_of(out, [](char c) { return c > ' ' && c < '\x7f'; });
  if (out.empty() || out.size() > kMaxSubject || !is_printable) {
    return refuse_token(TokenFault::claim_malformed);
  }
  return out;
}

}  // namespace

Result<Vouched> read_vouched(const Value& claims, std::string_view issuer,
                             std::string_view subject_member) {
  Vouched out{.issuer = std::string(issuer)};
  WRIT_TRY(out.subject, subject_of(claims, subject_member));
  auto email = normalise_email(claims.string_or("email", ""));
  if (email) {
    out.email = *std::move(email);
    out.is_email_verified = claims.bool_or("email_verified", false);
  }
  return out;
}

Result<Vouched> check_id_token(const crypto::JwkSet& keys, std::string_view token,
                               const IdTokenRules& rules, Seconds now) {
  WRIT_TRY(const crypto::Jws jws, crypto::jws_verify(keys, token, kAllowed));
  if (!is_id_token_type(jws.type)) return refuse_token(TokenFault::type_wrong);
  const auto claims = parse_json(jws.payload, {}, kLimits);  // refuses members that stand twice
  if (!claims || !claims->is_object()) return refuse_token(TokenFault::payload_malformed);
  WRIT_CHECK(check_party(*claims, rules));
  WRIT_CHECK(check_times(*claims, now, kSkew));
  if (claims->find("iat") == nullptr) return refuse_token(TokenFault::claim_missing);
  WRIT_CHECK(check_nonce(*claims, rules.nonce));
  WRIT_TRY(Vouched out, read_vouched(*claims, rules.issuer, "sub"));
  WRIT_TRY(out.authenticated_at, read_date(*claims, "auth_time"));
  return out;
}

}  // namespace writ::identity
