#include "crypto/key.h"

#include <sodium.h>

#include <cstring>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {
namespace {

// SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING (32 bytes) }, RFC 8410 section 4.
constexpr std::array<std::uint8_t, 12> kSpkiPrefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

KeyId PublicKey::id() const {
  std::array<std::uint8_t, kSpkiPrefix.size() + 32> spki;
  std::memcpy(spki.data(), kSpkiPrefix.data(), kSpkiPrefix.size());
  std::memcpy(spki.data() + kSpkiPrefix.size(), bytes.data(), bytes.size());
  return {sha256(as_text(spki)).hex()};
}

std::string PublicKey::base64() const { return to_base64(as_text(bytes)); }

Result<PublicKey> PublicKey::parse_base64(std::string_view text) {
  WRIT_TRY(const std::string decoded, writ::parse_base64(text));
  PublicKey key;
  if (decoded.size() != key.bytes.size()) {
    return fail(Code::invalid_input,
                "an Ed25519 public key has 32 bytes, not " + std::to_string(decoded.size()));
  }
  std::memcpy(key.bytes.data(), decoded.data(), decoded.size());
  require_sodium();
  // Small-order and non-canonical points would let one signature fit several messages.
  if (crypto_core_ed25519_is_valid_point(key.bytes.data()) != 1) {
    return fail(Code::invalid_input, "these 32 bytes are no Ed25519 public key",
                "Copy the key again from its .pub file");
  }
  return key;
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  require_sodium();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(raw(signature), raw(message), message.size(), bytes.data()) ==
             0;
}

struct SecretKey::State {
  // libsodium's form: seed, then public key.
  SecretBytes secret{crypto_sign_SECRETKEYBYTES};
  PublicKey public_key;
};

SecretKey::SecretKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SecretKey::SecretKey(SecretKey&&) noexcept = default;
SecretKey& SecretKey::operator=(SecretKey&&) noexcept = default;
SecretKey::~SecretKey() = default;

SecretKey SecretKey::generate() {
  auto state = std::make_unique<State>();
  crypto_sign_keypair(state->public_key.bytes.data(), state->secret.data());
  return SecretKey(std::move(state));
}

Result<SecretKey> SecretKey::from_seed(std::string_view seed32) {
  if (seed32.size() != crypto_sign_SEEDBYTES) {
    return fail(Code::invalid_input,
                "an Ed25519 seed has 32 bytes, not " + std::to_string(seed32.size()));
  }
  auto state = std::make_unique<State>();
  crypto_sign_seed_keypair(state->public_key.bytes.data(), state->secret.data(), raw(seed32));
  return SecretKey(std::move(state));
}

const PublicKey& SecretKey::public_key() const { return state_->public_key; }

Result<std::string> SecretKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, raw(message),
                       message.size(), state_->secret.data());
  return signature;
}

std::string_view SecretKey::seed() const {
  return state_->secret.view().substr(0, crypto_sign_SEEDBYTES);
}

}  // namespace writ::crypto
