#pragma once
// The files below a folder, for scanning what is no git repository.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::scan {

// Regular files below `root / start` (itself a folder or one file; "" or "." is the root), as
// sorted paths relative to `root`. Symbolic links are not followed; `.git` and `.writ` are left
// out. Errors: not_found, invalid_input (more than `max_files`, a path out of the root),
// storage_failed (a folder cannot be read).
Result<std::vector<std::string>> list_files(const std::filesystem::path& root,
                                            std::string_view start,
                                            std::size_t max_files = 1'000'000);

}  // namespace writ::scan
