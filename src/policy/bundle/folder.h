#pragma once
// A folder as the files of a bundle, for what is not packed yet.
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/bundle/archive.h"

namespace writ::rego {

// The regular files below `folder`, sorted by path; of hidden files only `.manifest` and
// `.signatures.json`. A file or folder whose name or path matches one of `ignored` (globs) is left
// out. Errors: not_found, invalid_input, overloaded (over a limit of an archive).
Result<std::vector<ArchiveFile>> read_folder(const std::filesystem::path& folder,
                                             const std::vector<std::string>& ignored = {},
                                             const ArchiveLimits& limits = {});

// Whether the path or the name that it ends with matches a glob of `ignored`.
bool is_ignored(const std::vector<std::string>& ignored, std::string_view path);

}  // namespace writ::rego
