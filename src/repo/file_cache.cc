#include "repo/file_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unordered_set>

namespace writ::repo {
namespace {

// Kernel timestamps advance in ticks of up to 10 ms; some file systems keep whole seconds only.
constexpr std::int64_t kTickNs = 100'000'000;
constexpr std::int64_t kCoarseTickNs = 2'000'000'000;
constexpr std::size_t kChunk = 128u << 10;
constexpr std::size_t kLinkLimit = 1u << 16;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return to_nanoseconds(now);
}

bool stood_still(const FileStat& stat, std::int64_t read_at_ns) {
  const std::int64_t latest = std::max(stat.modified_ns, stat.changed_ns);
  const bool is_coarse =
      stat.modified_ns % 1'000'000'000 == 0 && stat.changed_ns % 1'000'000'000 == 0;
  return latest + (is_coarse ? kCoarseTickNs : kTickNs) < read_at_ns;
}

std::unexpected<Error> changed(const std::string& path) {
  return fail(Code::unavailable, path + " changed while it was being read",
              "Wait until nothing writes to the working tree, then retry");
}

std::unexpected<Error> unreadable(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR || error == ELOOP) return changed(path);
  return fail(Code::unavailable, "cannot read " + path + ": " + ::strerrordesc_np(error),
              "Make it readable, or ignore it in .gitignore");
}

Result<std::string> read_link(const std::filesystem::path& path, const ScannedFile& file) {
  std::string target(std::max<std::size_t>(file.stat.size, 255) + 1, '\0');
  while (true) {
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return unreadable(file.path, errno == EINVAL ? ENOENT : errno);
    if (static_cast<std::size_t>(size) < target.size()) {
      target.resize(static_cast<std::size_t>(size));
      break;
    }
    if (target.size() > kLinkLimit) return unreadable(file.path, ENAMETOOLONG);
    target.resize(target.size() * 2);
  }
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return unreadable(file.path, errno);
  if (to_file_stat(info) != file.stat) return changed(file.path);
  return target;
}

}  // namespace

// Hands the bytes of the very file that was scanned to `take`, and fails if it was another one
// before or after.
template <typename Take>
Result<void> FileCache::stream(const ScannedFile& file, const Take& take) const {
  ++files_read_;
  const std::filesystem::path path = root_ / file.path;
  if (file.mode == kLinkMode) {
    WRIT_TRY(const std::string target, read_link(path, file));
    take(target);
    return {};
  }
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return unreadable(file.path, errno);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return unreadable(file.path, errno);
  if (to_file_stat(info) != file.stat) return changed(file.path);
  char buffer[kChunk];
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(file.path, errno);
    if (count == 0) break;
    take(std::string_view(buffer, static_cast<std::size_t>(count)));
  }
  if (::fstat(fd.get(), &info) != 0) return unreadable(file.path, errno);
  if (to_file_stat(info) != file.stat) return changed(file.path);
  return {};
}

FileCache::Entry& FileCache::entry_of(const ScannedFile& file) {
  Entry& entry = entries_[file.path];
  if (entry.stat != file.stat || !stood_still(entry.stat, entry.read_at_ns)) {
    entry = Entry{file.stat, now_ns(), {}, {}};
  }
  return entry;
}

Result<crypto::Digest> FileCache::digest(const ScannedFile& file) {
  Entry& entry = entry_of(file);
  if (!entry.digest) {
    crypto::Sha256 hash;
    WRIT_CHECK(stream(file, [&hash](std::string_view bytes) { hash.update(bytes); }));
    entry.digest = hash.finish();
  }
  return *entry.digest;
}

Result<git_oid> FileCache::blob_id(git_repository* repository, const ScannedFile& file) {
  Entry& entry = entry_of(file);
  if (entry.blob_id) return *entry.blob_id;
  git_oid id{};
  int result = 0;
  if (file.mode == kLinkMode || filters_.empty()) {
    WRIT_TRY(const std::string bytes, read(file));
    result = git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB);
  } else {
    ++files_read_;
    const std::string path = (root_ / file.path).string();
    result = git_repository_hashfile(&id, repository, path.c_str(), GIT_OBJECT_BLOB, nullptr);
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) return unreadable(file.path, errno);
    if (to_file_stat(info) != file.stat) return changed(file.path);
  }
  if (result != 0) return git_failure(result, "cannot hash " + file.path);
  entry.blob_id = id;
  return id;
}

void FileCache::use_filters(std::string filters) {
  if (filters == filters_) return;
  filters_ = std::move(filters);
  for (auto& [path, entry] : entries_) entry.blob_id.reset();
}

Result<std::string> FileCache::read(const ScannedFile& file) const {
  std::string text;
  WRIT_CHECK(stream(file, [&text](std::string_view bytes) { text += bytes; }));
  return text;
}

void FileCache::prune(const std::vector<ScannedFile>& files) {
  if (entries_.size() < 2 * files.size() + 1024) return;
  std::unordered_set<std::string_view> present;
  for (const ScannedFile& file : files) present.insert(file.path);
  std::erase_if(entries_, [&](const auto& entry) { return !present.contains(entry.first); });
}

}  // namespace writ::repo
