#pragma once
// The keys that tokens are signed and verified with.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/builtins/pkey.h"

namespace writ::rego {

// A JWS algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
struct TokenAlgorithm {
  std::string_view name;
  SignatureScheme scheme;  // does not matter for a shared secret
  unsigned bits;
  bool is_secret = false;  // HMAC
};
// nullptr: unknown, "none" included.
const TokenAlgorithm* find_token_algorithm(std::string_view name);

struct TokenKey {
  Pkey key;            // nullptr for a shared secret
  std::string secret;  // of kty "oct"
  std::string algorithm;
  std::string id;
};

// A certificate or public key in PEM, a JWK, or a set of JWKs, of which those with an unknown
// algorithm are left out. Errors: invalid_input, with the text that OPA has for it.
Result<std::vector<TokenKey>> parse_verification_keys(std::string_view text);
// A JWK or a set of them, as JSON.
Result<std::vector<TokenKey>> parse_jwk_set(std::string_view text);

// Whether the key is of the kind that the algorithm needs, and made `signature`.
bool verifies(const TokenKey& key, const TokenAlgorithm& algorithm, std::string_view message,
              std::string_view signature);
// Errors: invalid_input (the key is of another kind).
Result<std::string> sign(const TokenKey& key, const TokenAlgorithm& algorithm,
                         std::string_view message);

}  // namespace writ::rego
