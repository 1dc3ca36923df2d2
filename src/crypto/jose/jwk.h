#pragma once
// Public keys that tokens are verified with, as JSON Web Keys: OKP Ed25519 (RFC 8037), EC P-256
// and, of others, RSA (RFC 7518 sections 6.2 and 6.3). A key is bound to the one algorithm that its
// type has, so a token cannot choose another. Values; thread-safe.
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/key.h"
#include "crypto/p256.h"
#include "crypto/rsa_public_key.h"

namespace writ::crypto {

// RS256 is verified and never made.
enum class JwsAlgorithm : std::uint8_t { eddsa, es256, rs256 };
// As the header's `alg` spells them (RFC 7518 section 3.1, RFC 8037 section 3.1).
inline constexpr EnumNames<JwsAlgorithm, 3> kJwsAlgorithms{{"EdDSA", "ES256", "RS256"}};

class Jwk {
 public:
  // Keys that we publish are called by their thumbprint.
  explicit Jwk(PublicKey key);
  explicit Jwk(P256PublicKey key);
  explicit Jwk(RsaPublicKey key);

  // One key as others publish it; `kid` is theirs. Members that say nothing about it are ignored.
  // Errors: invalid_input (another kind of key, a private one, a member that contradicts what it is
  // used for here: `use`, `key_ops`, `alg`).
  static Result<Jwk> parse(const Value& value);

  const std::string& key_id() const { return key_id_; }
  JwsAlgorithm algorithm() const;
  bool verifies(std::string_view message, std::string_view signature) const;
  // With `kid`, `use` and `alg`.
  Value to_value() const;
  // RFC 7638 with SHA-256, base64url.
  std::string thumbprint() const;

 private:
  using Key = std::variant<PublicKey, P256PublicKey, RsaPublicKey>;
  Jwk(Key key, std::string key_id);
  Object required_members() const;

  Key key_;
  std::string key_id_;
};

class JwkSet {
 public:
  JwkSet() = default;
  explicit JwkSet(std::vector<Jwk> keys) : keys_(std::move(keys)) {}

  // A set as others publish it (RFC 7517 section 5): keys of kinds that are not known here are left
  // out. Errors: invalid_input (no set, more than 100 keys, two keys of one id).
  static Result<JwkSet> parse(std::string_view json);

  const std::vector<Jwk>& keys() const { return keys_; }
  const Jwk* find(std::string_view key_id) const;
  Value to_value() const;

 private:
  std::vector<Jwk> keys_;
};

}  // namespace writ::crypto
