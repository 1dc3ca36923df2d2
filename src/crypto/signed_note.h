#pragma once
// C2SP signed note, https://c2sp.org/signed-note: a text with signature lines under it, and the
// cosignature/v1 of witnesses, https://c2sp.org/tlog-cosignature. Values; thread-safe.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"

namespace writ::crypto {

// The type byte of a note key; the note format knows more, Writ verifies these.
enum class NoteKeyType : std::uint8_t { ed25519 = 0x01, cosignature_v1 = 0x04 };

// Who may sign a note: a name together with a key.
struct NoteKey {
  std::string name;
  PublicKey key;
  NoteKeyType type = NoteKeyType::ed25519;

  // First four bytes of SHA-256(name, newline, type, key). Short, so a hint only.
  std::uint32_t id() const;
  // "<name>+<id>+<base64(type || key)>", the form that verifiers are configured with.
  std::string vkey() const;
  // Errors: invalid_input (form, name, id that is not the key's), unsupported (type).
  static Result<NoteKey> parse_vkey(std::string_view text);
  friend auto operator<=>(const NoteKey&, const NoteKey&) = default;
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string bytes;  // after the key id
};

struct VerifiedNoteKey {
  NoteKey key;
  // Seconds since the epoch that a cosignature states and covers.
  std::optional<std::uint64_t> cosigned_at;
};

struct SignedNote {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;

  // The note as it is stored and sent.
  std::string format() const;
  // Reads up to 1 MiB and 64 signatures; verifies nothing. Errors: invalid_input.
  static Result<SignedNote> parse(std::string_view note);

  // The known keys that signed, each once. Signatures by unknown keys are ignored, even when name
  // or id meet a known one.
  // Errors: signature_bad (a known key's signature fails, or no known key signed).
  Result<std::vector<VerifiedNoteKey>> verify(std::span<const NoteKey> known) const;

  // Signs the text as `name`. Errors: invalid_input (name or text), those of the signer.
  Result<void> sign(std::string_view name, const Signer& signer);
  // Adds a witness's cosignature/v1. Requires: the signer's key is used for nothing else.
  // Errors: invalid_input (name, text, or a time of 0 or beyond 2^63-1), those of the signer.
  Result<void> cosign(std::string_view name, const Signer& signer, std::uint64_t seconds);
};

}  // namespace writ::crypto
