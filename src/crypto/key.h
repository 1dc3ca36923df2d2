#pragma once
// Ed25519 keys (RFC 8032, libsodium inside). A KeyId is derived from the public key, so it cannot
// be claimed for another one.
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::crypto {

// Lower-case hex SHA-256 of the key's SubjectPublicKeyInfo DER (RFC 8410).
struct KeyId {
  std::string hex;
  std::string short_text() const { return hex.substr(0, 16); }  // for people
  friend auto operator<=>(const KeyId&, const KeyId&) = default;
};

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};

  KeyId id() const;
  std::string base64() const;  // of the 32 raw bytes
  static Result<PublicKey> parse_base64(std::string_view text);
  // Whether `signature` (64 bytes) is this key's over `message`.
  bool verifies(std::string_view message, std::string_view signature) const;
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

// Something that signs: a key in memory today, a token or agent later. Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  // 64 bytes. Errors: unavailable (the key cannot be reached), signature_bad (revoked).
  virtual Result<std::string> sign(std::string_view message) const = 0;
  KeyId id() const { return public_key().id(); }
};

// A private key in locked memory, wiped when it goes.
class SecretKey final : public Signer {
 public:
  static SecretKey generate();
  static Result<SecretKey> from_seed(std::string_view seed32);  // tests and key files
  SecretKey(SecretKey&&) noexcept;
  SecretKey& operator=(SecretKey&&) noexcept;
  ~SecretKey() override;

  const PublicKey& public_key() const override;
  Result<std::string> sign(std::string_view message) const override;
  std::string_view seed() const;  // 32 bytes; for key files only

 private:
  struct State;
  explicit SecretKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace writ::crypto
