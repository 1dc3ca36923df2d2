#pragma once
// Private to crypto: files that only their owner may touch.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::crypto {

// Reads a regular file that grants nothing to group and others; judged on the open file, so it
// cannot be exchanged in between.
// Errors: not_found, invalid_input (mode too open, no regular file, too large), storage_failed.
Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t max_bytes);

// Makes a new file whole or not at all, durable on return. Never overwrites.
// Errors: conflict (it exists), storage_failed.
Result<void> create_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

// Creates `dir` with mode 0700, or accepts one that exists with no more than that.
// Errors: invalid_input (open to others, no directory), storage_failed.
Result<void> require_private_directory(const std::filesystem::path& dir);

}  // namespace writ::crypto
