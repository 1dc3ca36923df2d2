#pragma once
// The secrets of a server that must not stand in its database: keys that seal what is kept there,
// and the pepper of password hashes. One file, made at the first start, mode 0600; servers that
// share a database share the file. Without it the database is of no use to whoever copies it, and
// to its owner neither: a backup is not whole without it.
//
//   {"keks": [{"id": "…", "key": "<base64>"}], "peppers": [{"id": "…", "key": "<base64>"}]}
//
// The first of each is used for what is new; the others open what is old.
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "crypto/password_hash.h"
#include "crypto/seal.h"

namespace writ::identity {

struct ServerSecrets {
  std::vector<crypto::KeyEncryptionKey> keks;
  std::vector<crypto::Pepper> peppers;
};

enum class IfMissing { make, fail };

// Reads the file, or makes it; of several servers that make it at the same time one does, and all
// read that one. One that belongs to another user may be lent by its group, as a
// mounted secret is; nobody else may read it.
// Errors: invalid_input (others may read it, or it is none), not_found, storage_failed.
Result<ServerSecrets> load_server_secrets(const std::filesystem::path& path, IfMissing missing);

}  // namespace writ::identity
