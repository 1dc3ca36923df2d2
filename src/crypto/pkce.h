#pragma once
// Proof key for code exchange (RFC 7636), S256 alone: `plain` protects from nothing.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::crypto {

// Requires: a verifier as RFC 7636 section 4.1 has it.
std::string pkce_challenge(std::string_view verifier);

// At the authorization endpoint: a method and challenge that can be kept.
// Errors: invalid_input (another method than S256, no challenge of 43 base64url digits).
Result<void> check_pkce_challenge(std::string_view method, std::string_view challenge);

// At the token endpoint. Compares in constant time. Errors: invalid_input (43 to 128 unreserved
// characters are a verifier), not_permitted (it does not belong to the challenge).
Result<void> check_pkce_verifier(std::string_view challenge, std::string_view verifier);

}  // namespace writ::crypto
