#include "repo/settings.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "repo/file_stat.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

ConfigHandle configuration(git_repository* repository) {
  git_config* raw = nullptr;
  return ConfigHandle(git_repository_config_snapshot(&raw, repository) == 0 ? raw : nullptr);
}

std::string file_stamp(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  const FileStat stat = to_file_stat(info);
  return path.string() + ' ' + std::to_string(stat.inode) + ' ' + std::to_string(stat.size) + ' ' +
         std::to_string(stat.modified_ns) + ' ' + std::to_string(stat.changed_ns) + '\n';
}

}  // namespace

bool respects_file_mode(git_repository* repository) {
  const ConfigHandle config = configuration(repository);
  int value = 1;
  return !config || git_config_get_bool(&value, config.get(), "core.filemode") != 0 || value != 0;
}

std::string filter_sources(git_repository* repository, const fs::path& root,
                           const std::vector<ScannedFile>& files) {
  std::string sources;
  for (const ScannedFile& file : files) {
    const std::string_view path = file.path;
    if (path == ".gitattributes" || path.ends_with("/.gitattributes")) {
      sources += file_stamp(root / file.path);
    }
  }
  for (const char* name : {"core.autocrlf", "core.attributesfile"}) {
    git_config_entry* entry = nullptr;
    const ConfigHandle config = configuration(repository);
    if (config && git_config_get_entry(&entry, config.get(), name) == 0) {
      sources += std::string(name) + '=' + entry->value + '\n';
    }
    git_config_entry_free(entry);
  }
  const fs::path own = fs::path(git_repository_commondir(repository)) / "info/attributes";
  const char* xdg = ::getenv("XDG_CONFIG_HOME");
  const char* home = ::getenv("HOME");
  const fs::path user = xdg != nullptr && *xdg != '\0' ? fs::path(xdg)
                        : home != nullptr              ? fs::path(home) / ".config"
                                                       : fs::path("/");
  return sources + file_stamp(own) + file_stamp(user / "git/attributes") +
         file_stamp("/etc/gitattributes");
}

}  // namespace writ::repo
