#include "identity/accounts/secret_token.h"

#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/random_bytes.h"

namespace writ::identity {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretCharacters = 43;  // of base64url

}  // namespace

SecretToken make_secret_token(std::string_view prefix) {
  const crypto::SecretBytes bytes = crypto::random_secret(kSecretBytes);
  return secret_token_of(prefix, bytes.view());
}

SecretToken secret_token_of(std::string_view prefix, std::string_view bytes) {
  SecretToken out;
  out.text = std::string(prefix) + crypto::to_base64url(bytes);
  out.key = crypto::sha256(out.text).view();
  return out;
}

std::optional<std::string> secret_token_key(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kSecretCharacters || !text.starts_with(prefix)) {
    return std::nullopt;
  }
  if (!crypto::parse_base64url(text.substr(prefix.size()))) return std::nullopt;
  return std::string(crypto::sha256(text).view());
}

}  // namespace writ::identity
