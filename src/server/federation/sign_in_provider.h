#pragma once
// Who else vouches for people here, as `identity.providers` of the settings has them.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/settings.h"
#include "crypto/secret_bytes.h"
#include "identity/federation/sign_in_by_provider.h"

namespace writ::server {

enum class TokenAuth : std::uint8_t { basic, post };

struct SignInProvider {
  std::string name;
  std::string title;
  std::string issuer;
  std::string client_id;
  std::shared_ptr<const crypto::SecretBytes> secret;  // null: a public client; shared by copies
  TokenAuth token_auth = TokenAuth::basic;
  std::vector<std::string> scopes;
  // "https://host:443": the issuer's first, then those that the settings allow besides.
  std::vector<std::string> origins;
  // Of a plain OAuth provider; empty: OpenID Connect, whose metadata say them.
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string userinfo_endpoint;
  std::string subject_member;
  identity::ProviderRules rules;

  bool is_openid() const { return authorization_endpoint.empty(); }
  // Whether this server may call `url`, or send people there.
  bool has_origin_of(std::string_view url) const;
};

// Relative names of secret files are seen from `directory`. Errors: invalid_input, a diagnostic for
// each thing that no schema can say; not_found, storage_failed (a secret).
Result<std::vector<SignInProvider>> read_sign_in_providers(const contract::Settings& settings,
                                                           const std::filesystem::path& directory);

}  // namespace writ::server
