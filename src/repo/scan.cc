#include "repo/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/safe_path.h"
#include "repo/ignore_rules.h"

namespace writ::repo {
namespace {

bool is_private_name(std::string_view name) { return name == ".git" || name == ".writ"; }

struct Item {
  std::string name;
  unsigned char type = DT_UNKNOWN;
};

struct Listing {
  std::vector<Item> items;
  bool has_git = false;
  bool has_ignore_file = false;
};

constexpr std::size_t kIgnoreFileLimit = 16u << 20;

// The user's own ignore file: core.excludesFile, or where git looks without it.
std::filesystem::path user_ignore_file(git_repository* repository) {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) == 0) {
    const ConfigHandle config(raw);
    git_buf path = GIT_BUF_INIT;
    const int result = git_config_get_path(&path, raw, "core.excludesfile");
    const std::string configured(path.ptr != nullptr ? path.ptr : "", path.size);
    git_buf_dispose(&path);
    if (result == 0) return configured;
  }
  const char* xdg = ::getenv("XDG_CONFIG_HOME");
  if (xdg != nullptr && *xdg != '\0') return std::filesystem::path(xdg) / "git/ignore";
  const char* home = ::getenv("HOME");
  return home != nullptr ? std::filesystem::path(home) / ".config/git/ignore"
                         : std::filesystem::path();
}

std::filesystem::path own_ignore_file(git_repository* repository) {
  git_buf path = GIT_BUF_INIT;
  const int result = git_repository_item_path(&path, repository, GIT_REPOSITORY_ITEM_INFO);
  const std::string directory(path.ptr != nullptr ? path.ptr : "", path.size);
  git_buf_dispose(&path);
  return result == 0 ? std::filesystem::path(directory) / "exclude" : std::filesystem::path();
}

// A directory that is gone meanwhile lists as empty: as if we had come a moment later.
Result<Listing> list_directory(int root, const std::string& path) {
  const int fd = ::openat(root, path.empty() ? "." : path.c_str(),
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  Listing listing;
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return listing;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fd < 0 ? nullptr : ::fdopendir(fd),
                                                      &::closedir);
  if (!directory) {
    return fail(Code::unavailable,
                "cannot read the directory " + path + ": " + ::strerrordesc_np(errno),
                "Make it readable, or ignore it in .gitignore");
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (name == ".git") listing.has_git = true;
    // Git follows no link here either.
    if (name == ".gitignore" && entry->d_type != DT_LNK) listing.has_ignore_file = true;
    if (!is_private_name(name)) listing.items.push_back({std::string(name), entry->d_type});
  }
  return listing;
}

class Scanner {
 public:
  explicit Scanner(const ScanRequest& request) : request_(request) {}
  ~Scanner() {
    if (root_ >= 0) ::close(root_);
  }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  Result<std::vector<ScannedFile>> run() {
    root_ = ::open(request_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_ < 0) {
      return fail(Code::unavailable, "cannot open the working tree " + request_.root.string() +
                                         ": " + ::strerrordesc_np(errno));
    }
    WRIT_CHECK(add_rules(0, user_ignore_file(request_.repository), ""));
    WRIT_CHECK(add_rules(0, own_ignore_file(request_.repository), ""));
    for (std::size_t i = 0; i < directories_.size(); ++i) {
      WRIT_CHECK(visit(i));
    }
    std::sort(files_.begin(), files_.end(),
              [](const ScannedFile& a, const ScannedFile& b) { return a.path < b.path; });
    return std::move(files_);
  }

 private:
  enum class Ignored : std::uint8_t { unknown, no, yes };
  struct Directory {
    std::string path;
    std::size_t parent = 0;
    Ignored ignored = Ignored::unknown;      // asked for only where something untracked is in it
    std::size_t rules = IgnoreRules::kNone;  // the innermost ignore file for what is in it
  };

  // The rules of `file`, if there is such a file, apply in the directory before those it has.
  Result<void> add_rules(std::size_t index, const std::filesystem::path& file,
                         const std::string& base) {
    if (file.empty()) return {};
    const auto text = read_file(file, kIgnoreFileLimit);
    if (!text && text.error().code == Code::not_found) return {};
    if (!text) {
      return fail(Code::unavailable, "cannot read the ignore file: " + text.error().message,
                  "Make it readable, or remove it");
    }
    Directory& directory = directories_[index];
    directory.rules = rules_.add(IgnoreFile(*text, base), directory.rules);
    return {};
  }

  Result<void> visit(std::size_t index) {
    const std::string directory = directories_[index].path;
    WRIT_TRY(const Listing listing, list_directory(root_, directory));
    if (listing.has_git && !directory.empty() && is_repository(directory)) {
      if (request_.tracked.contains(directory) || !is_output(directory)) {
        add(directory, kRepositoryMode);
      }
      return {};
    }
    if (listing.has_ignore_file) {
      const std::string file = directory.empty() ? ".gitignore" : directory + "/.gitignore";
      WRIT_CHECK(add_rules(index, request_.root / file, directory));
    }
    for (const Item& item : listing.items) {
      consider(index, directory.empty() ? item.name : directory + '/' + item.name, item.type);
    }
    return {};
  }

  void consider(std::size_t parent, std::string path, unsigned char type) {
    if (type == DT_UNKNOWN) type = type_of(path);
    if (type == DT_DIR) {
      const std::size_t rules = directories_[parent].rules;
      directories_.push_back({std::move(path), parent, Ignored::unknown, rules});
      const std::string& directory = directories_.back().path;
      if (request_.tracked.contains(directory) || request_.tracked.has_below(directory)) return;
      if (is_directory_ignored(directories_.size() - 1)) directories_.pop_back();
    } else if ((type == DT_REG || type == DT_LNK) && file_counts(parent, path)) {
      add(path, 0);
    }
    // Sockets, pipes and devices are nobody's source.
  }

  unsigned char type_of(const std::string& path) const {
    struct stat info{};
    if (::fstatat(root_, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
    return static_cast<unsigned char>(IFTODT(info.st_mode));
  }

  bool file_counts(std::size_t directory, const std::string& path) {
    if (request_.tracked.contains(path)) return true;
    return !is_output(path) && !is_directory_ignored(directory) &&
           !rules_.is_ignored(path, PathKind::file, directories_[directory].rules);
  }

  // Nothing below an ignored directory can be included again (gitignore(5)).
  bool is_directory_ignored(std::size_t index) {
    Directory& directory = directories_[index];
    if (directory.ignored == Ignored::unknown) {
      const std::size_t rules = directories_[directory.parent].rules;
      const bool ignored = is_directory_ignored(directory.parent) ||
                           rules_.is_ignored(directory.path, PathKind::directory, rules);
      directory.ignored = ignored ? Ignored::yes : Ignored::no;
    }
    return directory.ignored == Ignored::yes;
  }

  bool is_output(const std::string& path) const {
    if (request_.outputs.empty()) return false;
    const std::string whole = request_.prefix + path;
    return std::any_of(request_.outputs.begin(), request_.outputs.end(),
                       [&](const std::string& glob) { return glob_matches(glob, whole); });
  }

  // A repository inside, as git sees it: not merely a directory that holds something called .git,
  // and not one whose files the outer repository tracks itself.
  bool is_repository(const std::string& path) const {
    if (request_.tracked.has_below(path)) return false;
    git_repository* raw = nullptr;
    const int result = git_repository_open_ext(&raw, (request_.root / path).c_str(),
                                               GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    const RepositoryHandle inside(raw);
    return result == 0;
  }

  void add(const std::string& path, std::uint32_t mode) {
    struct stat info{};
    if (::fstatat(root_, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (mode == 0 && S_ISLNK(info.st_mode)) mode = kLinkMode;
    if (mode == 0 && S_ISREG(info.st_mode)) {
      mode = (info.st_mode & S_IXUSR) != 0 ? kExecutableMode : kRegularMode;
    }
    if (mode != 0) files_.push_back({path, mode, to_file_stat(info)});
  }

  const ScanRequest& request_;
  int root_ = -1;
  // The root first, each parent before its children.
  std::vector<Directory> directories_{{"", 0, Ignored::no, IgnoreRules::kNone}};
  IgnoreRules rules_;
  std::vector<ScannedFile> files_;
};

}  // namespace

bool is_private(std::string_view path) {
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_private_name(path.substr(0, end))) return true;
    if (end == path.size()) return false;
    path.remove_prefix(end + 1);
  }
}

Result<std::vector<ScannedFile>> scan(const ScanRequest& request) { return Scanner(request).run(); }

}  // namespace writ::repo
