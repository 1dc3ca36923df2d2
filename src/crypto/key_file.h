#pragma once
// A key as a file, and the public half beside it as `FILE.pub`. The secret file is JSON, mode
// 0600: argon2id + XChaCha20-Poly1305 under a passphrase, or plain when none is given.
// Formats: docs/formats/keys.md.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"

namespace writ::crypto {

struct PublicKeyFile {
  PublicKey key;
  std::string name;  // "alice", "runner"; free text for people
  WallTime created;
};

// Creates `path` (0600) and `path`.pub (0644); never overwrites. Blocking. The end of the process
// at any instant leaves nothing, or the secret file, which holds the public half too: asked for the
// same path again, this writes the missing half before it refuses.
// Errors: conflict (a file exists), storage_failed, invalid_input (name, empty passphrase),
// unavailable (no memory for the passphrase).
Result<PublicKeyFile> create_key_file(const std::filesystem::path& path, std::string_view name,
                                      std::optional<std::string_view> passphrase,
                                      const Clock& clock);

// The same for a key that exists: exports and tests.
// Errors: conflict, storage_failed, invalid_input (name, empty passphrase), unavailable.
Result<PublicKeyFile> write_key_file(const std::filesystem::path& path, const SecretKey& key,
                                     std::string_view name,
                                     std::optional<std::string_view> passphrase, WallTime created);

// Errors: not_found, invalid_input (no key file, open to other users), not_permitted (wrong or
// missing passphrase), storage_failed, unavailable (no memory for the passphrase).
Result<SecretKey> load_key_file(const std::filesystem::path& path,
                                std::optional<std::string_view> passphrase);

// The public half alone, replacing what is there. Errors: storage_failed.
Result<void> save_public_key_file(const std::filesystem::path& path, const PublicKeyFile& file);

// Errors: not_found, invalid_input, storage_failed.
Result<PublicKeyFile> load_public_key_file(const std::filesystem::path& path);

}  // namespace writ::crypto
