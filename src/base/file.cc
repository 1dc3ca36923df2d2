#include "base/file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "base/safe_path.h"

namespace writ {
namespace {

// Non-blocking: opening a pipe that nobody writes to must not hang.
constexpr int kReading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // close(2) may be the call that reports a failed write (NFS, quotas).
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// Removes the file unless it has been kept.
class TemporaryName {
 public:
  explicit TemporaryName(std::filesystem::path path) : path_(std::move(path)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::filesystem::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

std::string remedy_for(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "Check owner and permissions of the path";
    case EROFS:
      return "Use a directory on a writable file system";
    case ENOENT:
    case ENOTDIR:
      return "Check that the directory exists";
    case EEXIST:
      return "Move away what stands at this path";
    case EMFILE:
    case ENFILE:
      return "Raise the limit of open files (ulimit -n)";
    case ELOOP:
    case ENAMETOOLONG:
      return "Use a shorter path without a circle of links";
    default:
      return {};  // the table's: disk space or device
  }
}

std::unexpected<Error> storage_failure(std::string_view doing, const std::filesystem::path& path) {
  const int error = errno;
  return fail(Code::storage_failed,
              "cannot " + std::string(doing) + " " + path.string() + ": " + std::strerror(error),
              remedy_for(error));
}

std::unexpected<Error> too_large(const std::filesystem::path& path, std::size_t max_bytes) {
  return fail(Code::invalid_input,
              path.string() + " is larger than " + std::to_string(max_bytes) + " bytes",
              "Split the file or make it smaller");
}

Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return storage_failure("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return storage_failure("open", directory);
  if (::fsync(fd.get()) != 0) return storage_failure("sync", directory);
  return {};
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  std::array<std::uint8_t, 12> bytes{};
  SystemRandom().fill(bytes);  // only has to be new: a clash fails with EEXIST
  return directory_of(path) / (".tmp-" + to_hex(bytes));
}

Result<void> make_one_directory(const std::filesystem::path& path, unsigned mode) {
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) {
    return sync_directory(directory_of(path));
  }
  const int error = errno;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  errno = error;
  return storage_failure("make directory", path);
}

// One byte more than expected shows the end; a file may grow, and those of /proc claim 0 bytes.
Result<std::string> read_open_file(int fd, const std::filesystem::path& path,
                                   std::size_t max_bytes) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return storage_failure("look at", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(Code::invalid_input, path.string() + " is no regular file", "Name a regular file");
  }
  if (static_cast<std::uint64_t>(status.st_size) > max_bytes) return too_large(path, max_bytes);
  std::string out(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t got = ::read(fd, out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage_failure("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > max_bytes) return too_large(path, max_bytes);
    if (size == out.size()) out.resize(out.size() * 2);
  }
  out.resize(size);
  return out;
}

// Through links that stay below `directory`, in one step (openat2(2), Linux 5.6). -1: not so.
int open_beneath(int directory, const std::string& relative) {
  if (directory < 0) return -1;
  struct open_how how{};
  how.flags = kReading;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, relative.c_str(), &how, sizeof how));
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const FileDescriptor fd(::open(path.c_str(), kReading));
  if (fd.is_open()) return read_open_file(fd.get(), path, max_bytes);
  if (errno == ENOENT || errno == ENOTDIR) {
    return fail(Code::not_found, "no file " + path.string(), "Check the path");
  }
  return storage_failure("open", path);
}

FilesBelow::FilesBelow(std::filesystem::path root)
    : root_(std::move(root)), directory_(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

FilesBelow::~FilesBelow() {
  if (directory_ >= 0) ::close(directory_);
}

Result<std::string> FilesBelow::read(std::string_view relative, std::size_t max_bytes) const {
  WRIT_TRY(const std::string normal, normalize_relative(relative));
  const FileDescriptor fd(open_beneath(directory_, normal));
  if (fd.is_open()) return read_open_file(fd.get(), root_ / normal, max_bytes);
  // A link that is absolute and leads back inside, a kernel without the call, or a mistake that
  // deserves a name.
  WRIT_TRY(const auto path, join_inside(root_, relative));
  return read_file(path, max_bytes);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes,
                          unsigned mode) {
  TemporaryName temporary(temporary_beside(path));
  FileDescriptor fd(::open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                           static_cast<mode_t>(mode)));
  if (!fd.is_open()) {
    const int error = errno;
    temporary.keep();  // not ours
    errno = error;
    return storage_failure("write beside", path);
  }
  WRIT_CHECK(write_all(fd.get(), bytes, path));
  if (::fsync(fd.get()) != 0) return storage_failure("sync", path);
  if (!fd.close()) return storage_failure("close", path);
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return storage_failure("replace", path);
  }
  temporary.keep();
  return sync_directory(directory_of(path));
}

Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return storage_failure("replace", to);
  return sync_directory(directory_of(to));
}

Result<void> make_directory(const std::filesystem::path& path, unsigned mode) {
  if (path.empty()) {
    return fail(Code::storage_failed, "cannot make a directory without a name", "Name a directory");
  }
  std::filesystem::path so_far;
  for (const std::filesystem::path& part : path) {
    so_far /= part;
    if (part.empty() || part == "/") continue;  // "a/b/" ends in an empty part
    WRIT_CHECK(make_one_directory(so_far, mode));
  }
  return {};
}

}  // namespace writ
