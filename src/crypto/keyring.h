#pragma once
// The keys of one project, in `.writ/keys` (directory 0700, files 0600): one active runner key,
// retired ones kept to verify what they signed, revoked ones kept to refuse it.
// One process writes at a time (lock file); any number read.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/key_file.h"

namespace writ::crypto {

enum class KeyState : std::uint8_t { active, retired, revoked };

std::string_view state_name(KeyState state);

struct KeyInfo {
  KeyId id;
  PublicKey key;
  std::string name;
  KeyState state = KeyState::active;
  WallTime created;
  std::optional<WallTime> ended;  // retired or revoked at
  std::string reason;             // of a revocation
};

class Keyring {
 public:
  // Opens or creates the directory; creates no key. `clock` is borrowed. Blocking.
  // Errors: invalid_input (directory or index open to other users, malformed index),
  // unsupported (written by a later Writ), storage_failed.
  static Result<Keyring> open(std::filesystem::path dir, const Clock& clock);

  const std::vector<KeyInfo>& list() const;  // oldest first
  const KeyInfo* active() const;             // nullptr: none yet
  // Errors: not_found (no active key), not_permitted (passphrase), invalid_input (mode, malformed
  // key file), tampered (the file holds another key).
  Result<SecretKey> load_active(std::optional<std::string_view> passphrase) const;

  // Creates a key and makes it the active one; the previous one is retired. A failure, or the end
  // of the process at any instant, leaves the keyring as it was. Reads what others wrote first.
  // Errors: storage_failed, invalid_input (name, empty passphrase), unavailable (no memory for the
  // passphrase, or another process keeps the lock).
  Result<KeyInfo> rotate(std::string_view name, std::optional<std::string_view> passphrase);
  // A revoked key never signs again; revoking it twice keeps the first time and reason.
  // Errors: not_found, storage_failed, unavailable.
  Result<void> revoke(const KeyId& id, std::string_view reason);

  // Copies a key out as a key file of its own (`path` and `path`.pub), sealed anew under
  // `new_passphrase` or plain. Errors: not_found, conflict, not_permitted, storage_failed.
  Result<PublicKeyFile> export_key(const KeyId& id, const std::filesystem::path& path,
                                   std::optional<std::string_view> passphrase,
                                   std::optional<std::string_view> new_passphrase) const;
  // Every public key with its state, as text that parse_public_keyring reads; holds no secret.
  std::string export_public() const;

 private:
  Keyring(std::filesystem::path dir, const Clock& clock);
  std::filesystem::path dir_;
  const Clock* clock_;
  std::vector<KeyInfo> keys_;
};

// Errors: invalid_input, unsupported.
Result<std::vector<KeyInfo>> parse_public_keyring(std::string_view text, std::string_view source);

}  // namespace writ::crypto
