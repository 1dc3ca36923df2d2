#pragma once
// JSON Web Signatures, compact serialisation alone (RFC 7515), with EdDSA or ES256; others may have
// made theirs with RS256.
//
// The verifier trusts nothing in a token before its signature holds: the key is the one that its
// own set has for `kid`, the algorithm the one that this key has; `jku`, `jwk`, `x5u`, `x5c` are
// not looked at. Thread-safe.
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "crypto/jose/jwk.h"
#include "crypto/jose/token_fault.h"
#include "crypto/key.h"
#include "crypto/p256.h"

namespace writ::crypto {

inline constexpr std::size_t kMaxTokenBytes = 16u << 10;

// A private key that tokens are signed with, and its public half.
class JwsKey {
 public:
  explicit JwsKey(SecretKey key);
  explicit JwsKey(P256SecretKey key);
  // Requires: another algorithm than RS256.
  static JwsKey generate(JwsAlgorithm algorithm);
  // Errors: invalid_input (these bytes are no such key; RS256).
  static Result<JwsKey> from_secret(JwsAlgorithm algorithm, std::string_view secret);

  const Jwk& public_key() const { return public_key_; }
  Result<std::string> sign(std::string_view message) const;
  // 32 bytes; for sealing only.
  std::string_view secret() const;

 private:
  std::variant<SecretKey, P256SecretKey> key_;
  Jwk public_key_;
};

// `payload` signed, with the header {"alg", "typ", "kid"}.
// Requires: `typ` is ASCII without quotes and backslashes. Errors: unavailable.
Result<std::string> jws_sign(const JwsKey& key, std::string_view typ, std::string_view payload);

struct Jws {
  std::string key_id;
  std::string type;     // `typ` as it stands there; empty: none
  std::string payload;  // the bytes that were signed
};

// Verifies; says what was signed only if all holds. `allowed` further narrows the algorithms.
// Errors: signature_bad, with a reason of the table in token_fault.h.
Result<Jws> jws_verify(const JwkSet& keys, std::string_view token,
                       std::span<const JwsAlgorithm> allowed);

}  // namespace writ::crypto
