#include "crypto/seal.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/base64url.h"
#include "crypto/random_bytes.h"

namespace writ::crypto {
namespace {

constexpr std::string_view kFormat = "writ-seal-v1";
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kMaxText = (kMaxSealedPlaintext + 1024) * 4 / 3;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_kek_id(std::string_view id) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kAllowed) == id.npos;
}

void add_part(std::string& out, std::string_view part) {
  out += std::to_string(part.size()) + ":";
  out += part;
}

// Parts with their lengths: no two places have the same bytes.
std::string associated_data(std::string_view box, std::string_view kek_id,
                            const SealedPlace& place) {
  std::string out(kFormat);
  for (const std::string_view part : {box, kek_id, place.record, place.field}) add_part(out, part);
  return out + std::to_string(place.version);
}

std::string wrap_data(std::string_view kek_id, const SealedPlace& place) {
  return associated_data("key", kek_id, place);
}
std::string secret_data(const SealedPlace& place) { return associated_data("secret", {}, place); }

// nonce || ciphertext || tag
std::string encrypt(const SecretBytes& key, std::string_view plaintext, std::string_view bound) {
  std::string out = random_bytes(kNonceSize);
  out.resize(kNonceSize + plaintext.size() + kTagSize);
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + kNonceSize, nullptr, raw(plaintext),
                                             plaintext.size(), raw(bound), bound.size(), nullptr,
                                             bytes, key.data());
  return out;
}

Result<SecretBytes> decrypt(const SecretBytes& key, std::string_view box, std::string_view bound) {
  SecretBytes out(box.size() - kNonceSize - kTagSize);
  const std::string_view sealed = box.substr(kNonceSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, raw(sealed),
                                                 sealed.size(), raw(bound), bound.size(), raw(box),
                                                 key.data()) != 0) {
    return fail(Code::tampered, "a sealed secret does not open at this place",
                "Restore the record from a backup, with the key-encryption key that it names");
  }
  return out;
}

struct Parts {
  std::string kek_id;
  std::string wrapped;  // decoded
  std::string_view secret_text;
  std::string secret;
};

std::unexpected<Error> no_sealed_text() {
  return fail(Code::invalid_input, "this is no sealed secret", "Restore the record from a backup");
}

Result<Parts> parse(std::string_view text) {
  if (text.size() > kMaxText) return no_sealed_text();
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 < parts.size() ? text.find('.') : text.size();
    if (end == text.npos) return no_sealed_text();
    parts[i] = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  auto wrapped = parse_base64url(parts[2]);
  auto secret = parse_base64url(parts[3]);
  if (parts[0] != kFormat || !is_kek_id(parts[1]) || !wrapped || !secret ||
      wrapped->size() != kNonceSize + kKekSize + kTagSize ||
      secret->size() < kNonceSize + kTagSize) {
    return no_sealed_text();
  }
  return Parts{std::string(parts[1]), *std::move(wrapped), parts[3], *std::move(secret)};
}

Result<SecretBytes> unwrap(std::span<const KeyEncryptionKey> keks, const Parts& parts,
                           const SealedPlace& place) {
  const auto kek = std::ranges::find(keks, parts.kek_id, &KeyEncryptionKey::id);
  if (kek == keks.end()) {
    return fail(Code::not_found, "no key-encryption key `" + parts.kek_id + "` is configured",
                "Configure it again beside the current one until all records are sealed anew");
  }
  return decrypt(kek->key, parts.wrapped, wrap_data(parts.kek_id, place));
}

std::string text_of(const KeyEncryptionKey& kek, const SecretBytes& record_key,
                    const SealedPlace& place, std::string_view secret_text) {
  const std::string wrapped = encrypt(kek.key, record_key.view(), wrap_data(kek.id, place));
  return std::string(kFormat) + "." + kek.id + "." + to_base64url(wrapped) + "." +
         std::string(secret_text);
}

}  // namespace

Result<KeyEncryptionKey> make_kek(std::string_view id, SecretBytes key) {
  if (!is_kek_id(id)) {
    return fail(Code::invalid_input, "a key-encryption key's id is 1 to 64 of a-z, 0-9, - and _",
                "Give it another id");
  }
  if (key.size() != kKekSize) {
    return fail(Code::invalid_input,
                "a key-encryption key has 32 bytes, not " + std::to_string(key.size()),
                "Make one with `openssl rand -base64 32`");
  }
  return KeyEncryptionKey{std::string(id), std::move(key)};
}

Result<std::string> seal(const KeyEncryptionKey& kek, std::string_view plaintext,
                         const SealedPlace& place) {
  if (plaintext.size() > kMaxSealedPlaintext) {
    return fail(Code::invalid_input, "a secret to seal has at most 65536 bytes, not " +
                                         std::to_string(plaintext.size()));
  }
  const SecretBytes record_key = random_secret(kKekSize);
  const std::string secret = encrypt(record_key, plaintext, secret_data(place));
  return text_of(kek, record_key, place, to_base64url(secret));
}

Result<SecretBytes> open_sealed(std::span<const KeyEncryptionKey> keks, std::string_view text,
                                const SealedPlace& place) {
  WRIT_TRY(const Parts parts, parse(text));
  WRIT_TRY(const SecretBytes record_key, unwrap(keks, parts, place));
  return decrypt(record_key, parts.secret, secret_data(place));
}

Result<std::string> reseal(std::span<const KeyEncryptionKey> keks, const KeyEncryptionKey& to,
                           std::string_view text, const SealedPlace& place) {
  WRIT_TRY(const Parts parts, parse(text));
  WRIT_TRY(const SecretBytes record_key, unwrap(keks, parts, place));
  return text_of(to, record_key, place, parts.secret_text);
}

Result<std::string> kek_id_of(std::string_view text) {
  WRIT_TRY(Parts parts, parse(text));
  return std::move(parts.kek_id);
}

}  // namespace writ::crypto
