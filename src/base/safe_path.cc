#include "base/safe_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <system_error>

#include "base/encoding.h"
#include "base/text_check.h"

namespace writ {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestPath = 4096;
// As the kernel's own limit (path_resolution(7)).
constexpr int kMostLinks = 40;

std::unexpected<Error> refused(std::string_view path, std::string_view why,
                               std::string_view remedy) {
  return fail(Code::invalid_input, "the path " + shown_in_quotes(path) + " " + std::string(why),
              std::string(remedy));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

Result<void> check_spelling(std::string_view path) {
  constexpr std::string_view kRelative = "Write it relative to the root, as in src/book.cc";
  if (path.empty()) return refused(path, "is empty", kRelative);
  if (path.size() > kLongestPath) return refused(path, "is too long", "Use a shorter path");
  if (has_control_character(path)) {
    return refused(path, "has a control character in it", "Remove it");
  }
  if (!is_utf8(path)) return refused(path, "is not UTF-8", "Rename the file");
  if (path.contains('\\')) return refused(path, "has a backslash in it", "Separate with `/`");
  const bool has_drive = path.size() >= 2 && is_letter(path[0]) && path[1] == ':' &&
                         (path.size() == 2 || path[2] == '/');
  if (path.starts_with('/') || has_drive) return refused(path, "is absolute", kRelative);
  return {};
}

// Takes the first segment off `rest`.
std::string_view next_segment(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  rest.remove_prefix(slash == rest.npos ? rest.size() : slash + 1);
  return segment;
}

// Where a path really leads, links followed one by one. Segments that do not exist are kept: a
// link to a file that is yet to be written counts as leading there, which
// std::filesystem::weakly_canonical would not see.
class Walk {
 public:
  Walk(fs::path start, std::string_view segments) : at_(std::move(start)) { push(segments); }

  Result<fs::path> end(std::string_view shown) {
    while (!pending_.empty()) {
      const std::string segment = std::move(pending_.front());
      pending_.pop_front();
      if (segment == "..") {
        at_ = at_.parent_path();
      } else {
        WRIT_CHECK(step(segment, shown));
      }
    }
    return at_;
  }

 private:
  void push(std::string_view segments) {
    std::deque<std::string> front;
    while (!segments.empty()) {
      const std::string_view segment = next_segment(segments);
      if (!segment.empty() && segment != ".") front.emplace_back(segment);
    }
    pending_.insert(pending_.begin(), front.begin(), front.end());
  }

  Result<void> step(const std::string& segment, std::string_view shown) {
    const fs::path next = at_ / segment;
    struct stat status{};
    if (::lstat(next.c_str(), &status) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) {
        return refused(shown, std::string("cannot be looked at: ") + std::strerror(errno),
                       "Check names and permissions along the path");
      }
    } else if (S_ISLNK(status.st_mode)) {
      return follow(next, shown);
    }
    at_ = next;
    return {};
  }

  Result<void> follow(const fs::path& link, std::string_view shown) {
    if (++links_ > kMostLinks) {
      return refused(shown, "goes through too many links", "Remove the circle of links");
    }
    std::error_code error;
    const std::string target = fs::read_symlink(link, error).string();
    if (error) return refused(shown, "has an unreadable link in it", "Remove the link");
    if (target.starts_with('/')) at_ = "/";
    push(target);
    return {};
  }

  fs::path at_;
  std::deque<std::string> pending_;
  int links_ = 0;
};

bool is_inside(const fs::path& root, const fs::path& path) {
  const std::string prefix = root == "/" ? "/" : root.string() + "/";
  return path == root || path.string().starts_with(prefix);
}

}  // namespace

Result<std::string> normalize_relative(std::string_view path) {
  WRIT_CHECK(check_spelling(path));
  std::string out;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view segment = next_segment(rest);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      return refused(path, "has `..` in it", "Name the place without going up");
    }
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out.empty() ? "." : out;
}

Result<fs::path> join_inside(const fs::path& root, std::string_view relative) {
  WRIT_TRY(const std::string normal, normalize_relative(relative));
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  if (error) {
    return fail(Code::invalid_input,
                "the root " + root.string() + " is no directory: " + error.message(),
                "Create it or name another");
  }
  WRIT_TRY(const fs::path end, Walk(real_root, normal).end(relative));
  if (!is_inside(real_root, end)) {
    return refused(relative, "leads out of " + root.string() + " through a link",
                   "Remove the link or name the file itself");
  }
  return normal == "." ? root : root / normal;
}

}  // namespace writ
