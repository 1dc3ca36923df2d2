#include "crypto/pkce.h"

#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace writ::crypto {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

}  // namespace

std::string pkce_challenge(std::string_view verifier) {
  return to_base64url(sha256(verifier).view());
}

Result<void> check_pkce_challenge(std::string_view method, std::string_view challenge) {
  if (method != "S256") {
    return fail(Code::invalid_input, "code_challenge_method must be S256",
                "Send code_challenge_method=S256");
  }
  const auto bytes = parse_base64url(challenge);
  if (!bytes || bytes->size() != 32) {
    return fail(Code::invalid_input, "code_challenge is no SHA-256 digest in base64url",
                "Send base64url(sha256(code_verifier)) without padding");
  }
  return {};
}

Result<void> check_pkce_verifier(std::string_view challenge, std::string_view verifier) {
  if (verifier.size() < 43 || verifier.size() > 128 ||
      verifier.find_first_not_of(kUnreserved) != verifier.npos) {
    return fail(Code::invalid_input, "code_verifier is not 43 to 128 unreserved characters",
                "Make one as RFC 7636 section 4.1 says");
  }
  if (!equal_constant_time(pkce_challenge(verifier), challenge)) {
    return fail(Code::not_permitted, "code_verifier does not belong to this code's challenge",
                "Start the authorization again");
  }
  return {};
}

}  // namespace writ::crypto
