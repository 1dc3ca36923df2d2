#pragma once
// What a backup says of itself: what it holds, in which shape, which keys open it, and how far
// everything that may only rise had risen. Signed (DSSE) with a key that is made from the
// key-encryption key that sealed it: whoever may open a backup can tell that it is one.
//
// Values; functions are thread-safe.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/seal.h"

namespace writ::identity {

using BackupId = Id<struct BackupTag>;

enum class BackupReason : std::uint8_t { asked, before_reset, before_restore };
inline constexpr EnumNames<BackupReason, 3> kBackupReasons{
    {"asked", "before_reset", "before_restore"}};

// A file of sealed pieces, one a line.
struct BackupPart {
  std::string file;
  std::string sha256;  // of the file
  std::uint64_t pieces = 0;
};

struct BackupTable {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of keys and values
  std::string digest;       // SHA-256 of all rows in order, each key and value behind its length
  std::vector<BackupPart> parts;
};

struct Manifest {
  BackupId id;
  WallTime made_at;
  BackupReason reason = BackupReason::asked;
  std::map<std::string, std::uint32_t> schema;  // version by module
  std::vector<BackupTable> tables;
  // By id; never the keys. The first of `keks` sealed the backup, the others what is sealed in it.
  std::vector<std::string> keks;
  std::vector<std::string> peppers;
  std::vector<std::string> token_keys;
  std::uint64_t access_revision = 0;
  std::uint64_t storage_revision = 0;
  std::uint64_t ledger_size = 0;

  std::uint64_t rows() const;
  std::uint64_t rows_of(std::string_view table) const;
};

// The text of the signed manifest. Errors: those of signing.
Result<std::string> sign_manifest(const Manifest& manifest, const crypto::KeyEncryptionKey& kek);
// Errors: invalid_input (no manifest), not_found (no KEK that may have signed it), signature_bad.
Result<Manifest> open_manifest(std::string_view text,
                               std::span<const crypto::KeyEncryptionKey> keks);

// For answers and reports.
Value to_value(const Manifest& manifest);

}  // namespace writ::identity
