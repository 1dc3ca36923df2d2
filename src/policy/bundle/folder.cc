#include "policy/bundle/folder.h"

#include <algorithm>

#include "base/file.h"
#include "base/safe_path.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;

bool is_hidden(std::string_view name) {
  return name.starts_with('.') && name != ".manifest" && name != ".signatures.json";
}

Result<std::vector<fs::path>> paths_in(const fs::path& folder,
                                       const std::vector<std::string>& ignored) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const fs::path inner = at->path().lexically_relative(folder);
    const bool is_left_out =
        is_hidden(inner.filename().string()) || is_ignored(ignored, inner.generic_string());
    if (at->is_directory(error)) {
      if (is_left_out) at.disable_recursion_pending();
    } else if (!is_left_out && at->is_regular_file(error)) {
      out.push_back(inner);
    }
  }
  if (error) return fail(Code::not_found, "cannot read " + folder.string());
  std::ranges::sort(out);
  return out;
}

}  // namespace

bool is_ignored(const std::vector<std::string>& ignored, std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::any_of(ignored, [&](const std::string& pattern) {
    return glob_matches(pattern, path) || glob_matches(pattern, name);
  });
}

Result<std::vector<ArchiveFile>> read_folder(const fs::path& folder,
                                             const std::vector<std::string>& ignored,
                                             const ArchiveLimits& limits) {
  WRIT_TRY(const std::vector<fs::path> paths, paths_in(folder, ignored));
  if (paths.size() > limits.files) {
    return fail(Code::overloaded,
                folder.string() + " has more than " + std::to_string(limits.files) + " files");
  }
  std::vector<ArchiveFile> out;
  const FilesBelow files(folder);
  std::uint64_t size = 0;
  for (const fs::path& path : paths) {
    WRIT_TRY(std::string bytes, files.read(path.generic_string(), limits.file));
    size += bytes.size();
    if (size > limits.unpacked) {
      return fail(Code::overloaded, folder.string() + " holds more than a bundle may");
    }
    out.push_back({path.generic_string(), std::move(bytes)});
  }
  return out;
}

}  // namespace writ::rego
