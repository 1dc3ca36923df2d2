#pragma once
// Whose signatures count, as a file says it that somebody names: --trust FILE.
#include <filesystem>

#include "base/result.h"
#include "identity/trust.h"

namespace writ::cli {

// A trust file, or one public key (.pub): then what that key ran and attested counts.
Result<identity::Trust> load_trust_file(const std::filesystem::path& path);

}  // namespace writ::cli
