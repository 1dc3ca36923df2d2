#pragma once
// A bundle that lies on disk, packed or as a folder to be packed.
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace writ::bundles {

// Another text whenever the file, or any file in the folder, may have changed; empty where nothing
// is.
std::string stamp_of(const std::filesystem::path& path);

// The gzipped tar. Errors: not_found, invalid_input, overloaded (over the limit), storage_failed.
Result<std::string> packed_bundle(const std::filesystem::path& path, std::uint64_t size_limit);

}  // namespace writ::bundles
