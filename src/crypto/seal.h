#pragma once
// Secrets at rest that must be had again: TOTP seeds, provider keys, signing keys. Envelopes of
// XChaCha20-Poly1305 (libsodium): a key of its own for each record, wrapped by a key-encryption
// key (KEK) that is named in the text and kept elsewhere.
//
//   writ-seal-v1.<KEK id>.<base64url: nonce, wrapped key>.<base64url: nonce, secret>
//
// A sealed text opens only at the place it was made for: record, field and version are bound to
// both boxes, and the KEK's id to the first. Nonces are random, 192 bits, new for each box.
// Free functions; thread-safe.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {

inline constexpr std::size_t kKekSize = 32;
// Larger secrets belong into a blob store.
inline constexpr std::size_t kMaxSealedPlaintext = 64u << 10;

struct KeyEncryptionKey {
  std::string id;   // 1 to 64 of a-z, 0-9, `-`, `_`
  SecretBytes key;  // 32 bytes
};

// Errors: invalid_input (id or size).
Result<KeyEncryptionKey> make_kek(std::string_view id, SecretBytes key);

// Where a sealed text is kept.
struct SealedPlace {
  std::string_view record;  // "user/0198…"
  std::string_view field;   // "totp_seed"
  std::uint64_t version = 1;
};

// Errors: invalid_input (the secret is larger than the bound).
Result<std::string> seal(const KeyEncryptionKey& kek, std::string_view plaintext,
                         const SealedPlace& place);

// Errors: invalid_input (no sealed text), not_found (none of `keks` has the id), tampered (changed,
// moved from another place, or the KEK of that id is another one).
Result<SecretBytes> open_sealed(std::span<const KeyEncryptionKey> keks, std::string_view text,
                                const SealedPlace& place);

// The same secret under `to`: wraps the record's key again and never sees the secret.
// Errors: those of open_sealed.
Result<std::string> reseal(std::span<const KeyEncryptionKey> keks, const KeyEncryptionKey& to,
                           std::string_view text, const SealedPlace& place);

// The id of the KEK that a text needs: which records a rotation has still to do, and which keys a
// backup needs. Errors: invalid_input.
Result<std::string> kek_id_of(std::string_view text);

}  // namespace writ::crypto
