#include "scan/walk.h"

#include <algorithm>
#include <system_error>

#include "base/safe_path.h"

namespace writ::scan {
namespace fs = std::filesystem;

Result<std::vector<std::string>> list_files(const fs::path& root, std::string_view start,
                                            std::size_t max_files) {
  fs::path from = root;
  if (!start.empty() && start != ".") {
    WRIT_TRY(from, join_inside(root, start));
  }
  std::error_code error;
  const fs::file_status status = fs::status(from, error);
  if (!fs::exists(status)) return fail(Code::not_found, "no file or folder " + from.string());
  if (fs::is_regular_file(status)) {
    return std::vector<std::string>{from.lexically_relative(root).generic_string()};
  }
  std::vector<std::string> files;
  fs::recursive_directory_iterator walk(from, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const fs::path name = walk->path().filename();
    std::error_code ignored;  // an entry that is gone again is no file
    const fs::file_status entry = walk->symlink_status(ignored);
    if (fs::is_directory(entry) && (name == ".git" || name == ".writ")) {
      walk.disable_recursion_pending();
    }
    if (!fs::is_regular_file(entry)) continue;
    if (files.size() == max_files) {
      return fail(Code::invalid_input,
                  "more than " + std::to_string(max_files) + " files below " + from.string(),
                  "Name a smaller folder");
    }
    files.push_back(walk->path().lexically_relative(root).generic_string());
  }
  if (error) {
    return fail(Code::storage_failed,
                "cannot read a folder below " + from.string() + ": " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace writ::scan
