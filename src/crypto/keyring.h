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

namespace writ::crypto {

enum class KeyState : std::uint8_t { active, retired, revoked };

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
  // Opens or creates the directory; creates no key.
  static Result<Keyring> open(std::filesystem::path dir, const Clock& clock);

  const std::vector<KeyInfo>& list() const;          // oldest first
  const KeyInfo* active() const;                     // nullptr: none yet
  // Errors: not_found (no active key), not_permitted (passphrase).
  Result<SecretKey> load_active(std::optional<std::string_view> passphrase) const;

  // Creates a key and makes it the active one; the previous one is retired.
  Result<KeyInfo> rotate(std::string_view name, std::optional<std::string_view> passphrase);
  // Errors: not_found.
  Result<void> revoke(const KeyId& id, std::string_view reason);

 private:
  Keyring(std::filesystem::path dir, const Clock& clock);
  std::filesystem::path dir_;
  const Clock* clock_;
  std::vector<KeyInfo> keys_;
};

}  // namespace writ::crypto
