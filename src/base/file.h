#pragma once
// Whole files, safely: bounded reads, durable atomic replacement, directories with a mode.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

// Errors: not_found, invalid_input (no regular file, larger than max_bytes), storage_failed.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

// Temporary file in the same directory, fsync, rename, fsync of the directory. Readers see the
// old bytes or the new ones. Errors: storage_failed naming path and cause; the old file stays.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes,
                          unsigned mode = 0644);

// Creates missing parents too; tightens nothing that exists. Errors: storage_failed.
Result<void> make_directory(const std::filesystem::path& path, unsigned mode = 0755);

}  // namespace writ
