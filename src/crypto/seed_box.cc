#include "crypto/seed_box.h"

#include <sodium.h>

#include "base/encoding.h"
#include "crypto/random_bytes.h"

namespace writ::crypto {
namespace {

struct Work {
  std::int64_t passes;
  std::int64_t memory_kib;
};

// RFC 9106 section 4, the second recommended choice (libsodium has one lane).
constexpr Work kWork{3, 64 << 10};
// A file may ask for more later, but never for so much that reading it is an attack.
constexpr Work kMostWork{16, 1 << 20};

constexpr std::string_view kKdf = "argon2id";
constexpr std::string_view kAead = "xchacha20-poly1305";
constexpr std::size_t kSeedSize = crypto_sign_SEEDBYTES;
constexpr std::size_t kSaltSize = crypto_pwhash_SALTBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kBoxSize = kSeedSize + crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string associated_data(const PublicKey& key) { return "writ-seed-box-v1\n" + key.base64(); }

Result<SecretBytes> derive(std::string_view passphrase, std::string_view salt, Work work) {
  SecretBytes key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  if (crypto_pwhash(key.data(), key.size(), passphrase.data(), passphrase.size(), raw(salt),
                    static_cast<unsigned long long>(work.passes),
                    static_cast<std::size_t>(work.memory_kib) * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(Code::unavailable, "not enough memory to derive a key from the passphrase",
                "Free " + std::to_string(work.memory_kib / 1024) + " MiB and retry");
  }
  return key;
}

std::unexpected<Error> bad_box(std::string_view what) {
  return fail(Code::invalid_input, "the key file's secret is malformed: " + std::string(what),
              "Restore the file from a copy");
}

Result<std::string> read_bytes(const Value& box, std::string_view name, std::size_t size) {
  const auto bytes = parse_base64(box.string_or(name, ""));
  if (!bytes || bytes->size() != size) {
    return bad_box("`" + std::string(name) + "` is not " + std::to_string(size) +
                   " bytes of base64");
  }
  return *bytes;
}

Result<Work> read_work(const Value& box) {
  if (box.string_or("kdf", "") != kKdf || box.string_or("aead", "") != kAead) {
    return bad_box("only " + std::string(kKdf) + " with " + std::string(kAead) + " is known");
  }
  const Work work{box.integer_or("passes", 0), box.integer_or("memory_kib", 0)};
  if (work.passes < 1 || work.passes > kMostWork.passes || work.memory_kib < 8 ||
      work.memory_kib > kMostWork.memory_kib) {
    return bad_box("`passes` or `memory_kib` out of range");
  }
  return work;
}

}  // namespace

Result<Value> seal_seed(const SecretKey& key, std::string_view passphrase) {
  require_sodium();
  const std::string salt = random_bytes(kSaltSize);
  const std::string nonce = random_bytes(kNonceSize);
  WRIT_TRY(const SecretBytes box_key, derive(passphrase, salt, kWork));
  const std::string bound = associated_data(key.public_key());
  std::string box(kBoxSize, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(box), nullptr, raw(key.seed()), kSeedSize,
                                             raw(std::string_view(bound)), bound.size(), nullptr,
                                             raw(std::string_view(nonce)), box_key.data());
  return Value(Object{{"kdf", kKdf},
                      {"passes", kWork.passes},
                      {"memory_kib", kWork.memory_kib},
                      {"salt", to_base64(salt)},
                      {"aead", kAead},
                      {"nonce", to_base64(nonce)},
                      {"box", to_base64(box)}});
}

Result<SecretBytes> open_seed(const Value& box, const PublicKey& key, std::string_view passphrase) {
  WRIT_TRY(const Work work, read_work(box));
  WRIT_TRY(const std::string salt, read_bytes(box, "salt", kSaltSize));
  WRIT_TRY(const std::string nonce, read_bytes(box, "nonce", kNonceSize));
  WRIT_TRY(const std::string sealed, read_bytes(box, "box", kBoxSize));
  WRIT_TRY(const SecretBytes box_key, derive(passphrase, salt, work));
  const std::string bound = associated_data(key);
  SecretBytes seed(kSeedSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(seed.data(), nullptr, nullptr, raw(sealed),
                                                 sealed.size(), raw(std::string_view(bound)),
                                                 bound.size(), raw(nonce), box_key.data()) != 0) {
    return fail(Code::not_permitted, "the passphrase does not open this key",
                "Check the passphrase; if it is right, the file was changed: restore it");
  }
  return seed;
}

}  // namespace writ::crypto
