#pragma once
// Paths that come from documents: relative, inside a root, through no symbolic link that leaves
// it. Textual checks first, then the real file system.
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

// Normalises "a/./b//c/" to "a/b/c", and "./" to ".". Errors: invalid_input (absolute, empty, "..",
// a backslash, a drive, control characters, no UTF-8, over 4096 bytes).
Result<std::string> normalize_relative(std::string_view path);

// `root / relative`, guaranteed to resolve to inside `root` with symbolic links followed. The
// file itself may not exist yet; its existing ancestors are checked.
// Errors: invalid_input (as above, or a link leads out of the root).
Result<std::filesystem::path> join_inside(const std::filesystem::path& root,
                                          std::string_view relative);

// Whole-path glob: `*` and `?` within a segment, `[a-z]` and `[!a-z]` sets, and `**` as a whole
// segment for any number of segments: "src/**" is all below src, "**/*.cc" every such file.
// Counts in characters, not bytes. Never touches the file system; time is pattern × path at most.
bool glob_matches(std::string_view pattern, std::string_view path);

}  // namespace writ
