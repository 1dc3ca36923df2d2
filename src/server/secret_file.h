#pragma once
// Secrets of others that a file keeps.
#include <filesystem>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace writ::server {

// Without its last line end. Errors: invalid_input (empty, or everybody can read it: its group may,
// mounted secrets come so), those of read_file.
Result<crypto::SecretBytes> read_secret_file(const std::filesystem::path& path);

}  // namespace writ::server
