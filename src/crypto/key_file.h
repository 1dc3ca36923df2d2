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

// Creates `path` (0600) and `path`.pub (0644); never overwrites. Blocking.
// Errors: conflict (a file exists), storage_failed.
Result<PublicKeyFile> create_key_file(const std::filesystem::path& path, std::string_view name,
                                      std::optional<std::string_view> passphrase,
                                      const Clock& clock);

// Errors: not_found, invalid_input (no key file, wrong mode), not_permitted (wrong or missing
// passphrase).
Result<SecretKey> load_key_file(const std::filesystem::path& path,
                                std::optional<std::string_view> passphrase);

Result<PublicKeyFile> load_public_key_file(const std::filesystem::path& path);

}  // namespace writ::crypto
