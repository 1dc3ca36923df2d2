#pragma once
// Asymmetric keys (OpenSSL inside): out of DER, PEM and JWK, to the JSON that Go makes of them,
// and signatures with them. Thread-safe.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/builtins/pem.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

struct evp_pkey_st;

namespace writ::rego {

// Shared, because caches and sets of keys hand the same key to many callers.
using Pkey = std::shared_ptr<evp_pkey_st>;

enum class KeyKind : std::uint8_t { rsa, ec, ed25519, other };
KeyKind kind_of(const Pkey& key);
bool same_public_key(const Pkey& a, const Pkey& b);

// SubjectPublicKeyInfo. Errors: invalid_input.
Result<Pkey> parse_public_key(std::string_view der);
// The key that a certificate is for. Errors: invalid_input.
Result<Pkey> certificate_key(std::string_view der);
// "RSA PRIVATE KEY", "EC PRIVATE KEY" or "PRIVATE KEY". Errors: invalid_input.
Result<Pkey> parse_private_key(const PemBlock& block);
// One JWK that is RSA, EC or OKP (RFC 7517, 7518, 8037). Errors: invalid_input.
Result<Pkey> parse_jwk(const Term& jwk);

// As Go's crypto packages show keys: {"N": …, "E": …}, {"Curve": {}, "X": …, "Y": …}, base64 for
// Ed25519; null for what Go does not know.
Term public_key_term(Arena& arena, const Pkey& key);
Term private_key_term(Arena& arena, const Pkey& key);
// The private key as a JWK. Errors: invalid_input (no such kind of key has a JWK).
Result<Term> jwk_term(Arena& arena, const Pkey& key);

// How a JWS algorithm signs with an asymmetric key.
enum class SignatureScheme : std::uint8_t { rsa_pkcs1, rsa_pss, ecdsa, eddsa };

// Signatures as JWS has them: r and s one after another for ECDSA (RFC 7518 section 3.4).
// `bits`: of SHA-2, 256 to 512; ignored for EdDSA.
bool verifies(const Pkey& key, SignatureScheme scheme, unsigned bits, std::string_view message,
              std::string_view signature);
// Errors: invalid_input (the key is of another kind or has no private part).
Result<std::string> sign(const Pkey& key, SignatureScheme scheme, unsigned bits,
                         std::string_view message);

// HMAC with SHA-2 of `bits`, SHA-1 (160) or MD5 (128), and the digests themselves.
std::string hmac_digest(unsigned bits, std::string_view key, std::string_view message);
std::string hash_digest(unsigned bits, std::string_view message);
// SHA-2 by the name that signatures of bundles give it: "SHA-256", "SHA-512-224".
// Errors: invalid_input (no such algorithm; MD5 and SHA-1, which prove nothing).
Result<std::string> named_digest(std::string_view name, std::string_view message);

}  // namespace writ::rego
