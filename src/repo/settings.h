#pragma once
// What the configuration and the attribute files of a repository mean for a comparison.
#include <filesystem>
#include <string>
#include <vector>

#include "repo/git.h"
#include "repo/scan.h"

namespace writ::repo {

// core.fileMode: whether the executable bit of files here means anything.
bool respects_file_mode(git_repository* repository);

// What filters and line-ending conversion depend on, as text that changes when it does; empty
// where none can apply. Looking a file's attributes up costs more than hashing it, and most
// repositories have none.
std::string filter_sources(git_repository* repository, const std::filesystem::path& root,
                           const std::vector<ScannedFile>& files);

}  // namespace writ::repo
