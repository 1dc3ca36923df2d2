#pragma once
// What providers answer, read: metadata (OpenID Connect Discovery section 3) and tokens (RFC 6749
// section 5). Functions without state; what is read is somebody else's, and bounded.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "server/federation/sign_in_provider.h"

namespace writ::server {

inline constexpr std::size_t kMaxProviderAnswer = 256u << 10;

struct ProviderMetadata {
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string userinfo_endpoint;  // empty: there is none
  std::string jwks_uri;
  bool always_says_iss = false;  // RFC 9207
};

// Errors: invalid_input (no metadata, of another issuer, an endpoint at an origin that the settings
// do not name).
Result<ProviderMetadata> read_metadata(std::string_view json, const SignInProvider& provider);

struct ProviderTokens {
  std::string access_token;
  std::string id_token;  // empty: none
};

// Errors: invalid_input (no tokens, or of another type than Bearer).
Result<ProviderTokens> read_tokens(std::string_view json);

// An object of claims. Errors: invalid_input.
Result<Value> read_claims(std::string_view json);

}  // namespace writ::server
