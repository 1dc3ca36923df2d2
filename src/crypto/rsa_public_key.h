#pragma once
// RSA keys of others, with PKCS #1 v1.5 and SHA-256: RS256 (RFC 7518 section 3.3; OpenSSL inside).
// We make no such signatures; many who vouch for people make no others.
//
// A shared value; thread-safe.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace writ::crypto {

class RsaPublicKey {
 public:
  // Modulus and exponent as a JWK has them: big-endian, without zeros in front.
  // Errors: invalid_input (a modulus of less than 2048 or more than 8192 bits, an exponent that is
  // even, below 65537 or longer than 32 bits).
  static Result<RsaPublicKey> from_components(std::string_view modulus, std::string_view exponent);

  const std::string& modulus() const { return modulus_; }
  const std::string& exponent() const { return exponent_; }
  bool verifies(std::string_view message, std::string_view signature) const;

  friend bool operator==(const RsaPublicKey& a, const RsaPublicKey& b) {
    return a.modulus_ == b.modulus_ && a.exponent_ == b.exponent_;
  }

 private:
  RsaPublicKey(std::string modulus, std::string exponent, std::shared_ptr<evp_pkey_st> key);

  std::string modulus_;
  std::string exponent_;
  std::shared_ptr<evp_pkey_st> key_;  // shared between copies; never changed
};

}  // namespace writ::crypto
