#pragma once
// ECDSA over P-256 with SHA-256: ES256 (RFC 7518 section 3.4; OpenSSL inside).
//
// Signatures are r and s one after another, 64 bytes. Public keys are shared values; both classes
// are thread-safe.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

struct evp_pkey_st;

namespace writ::crypto {

inline constexpr std::size_t kP256ScalarSize = 32;
inline constexpr std::size_t kP256SignatureSize = 64;

class P256PublicKey {
 public:
  // The coordinates as a JWK has them, 32 bytes each, big-endian.
  // Errors: invalid_input (another size, or no point of the curve).
  static Result<P256PublicKey> from_coordinates(std::string_view x, std::string_view y);

  std::string_view x() const { return std::string_view(point_).substr(0, kP256ScalarSize); }
  std::string_view y() const { return std::string_view(point_).substr(kP256ScalarSize); }
  // Whether `signature` is this key's over `message`; r and s must lie in [1, n-1].
  bool verifies(std::string_view message, std::string_view signature) const;

  friend bool operator==(const P256PublicKey& a, const P256PublicKey& b) {
    return a.point_ == b.point_;
  }

 private:
  P256PublicKey(std::string point, std::shared_ptr<evp_pkey_st> key);

  std::string point_;  // x, y
  // Shared, because decoding a point costs as much as half a verification. Never changed.
  std::shared_ptr<evp_pkey_st> key_;
};

class P256SecretKey {
 public:
  static P256SecretKey generate();
  // Errors: invalid_input (not 32 bytes, zero, or not below the order of the curve).
  static Result<P256SecretKey> from_scalar(std::string_view scalar);

  const P256PublicKey& public_key() const { return public_key_; }
  // 64 bytes, other ones each time. Errors: unavailable (OpenSSL got no randomness or memory).
  Result<std::string> sign(std::string_view message) const;
  // 32 bytes; for sealing only. OpenSSL holds a second copy while the key lives, and wipes it.
  std::string_view scalar() const { return scalar_.view(); }

 private:
  P256SecretKey(SecretBytes scalar, P256PublicKey public_key, std::shared_ptr<evp_pkey_st> key);

  SecretBytes scalar_;
  P256PublicKey public_key_;
  std::shared_ptr<evp_pkey_st> key_;  // shared only because it has no complete type here
};

}  // namespace writ::crypto
