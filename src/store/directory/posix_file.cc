#include "store/directory/posix_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace writ::store {
namespace {

// Calls `call` until no signal interrupts it.
template <typename Call>
auto uninterrupted(Call call) {
  auto out = call();
  while (out < 0 && errno == EINTR) out = call();
  return out;
}

constexpr std::int64_t kMicros = 1'000'000;

}  // namespace

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  // Errors of close say nothing that a sync before has not said.
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> io_failure(std::string_view doing, const std::filesystem::path& path,
                                  int cause) {
  return fail(Code::storage_failed,
              "cannot " + std::string(doing) + " " + path.string() + ": " + std::strerror(cause));
}

Result<File> create_temporary(const std::filesystem::path& directory, std::filesystem::path& path) {
  std::string name = (directory / "blob-XXXXXX").string();
  File file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) return io_failure("create a file in", directory, errno);
  path = name;
  if (uninterrupted([&] { return ::flock(file.fd(), LOCK_SH); }) != 0) {
    return io_failure("lock", path, errno);
  }
  return file;
}

Result<std::optional<File>> open_for_reading(const std::filesystem::path& path) {
  File file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); }));
  if (file.is_open()) return file;
  if (errno == ENOENT) return std::nullopt;
  return io_failure("open", path, errno);
}

Result<void> write_all(const File& file, std::string_view bytes,
                       const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto done = uninterrupted([&] { return ::write(file.fd(), bytes.data(), bytes.size()); });
    if (done < 0) return io_failure("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Result<std::size_t> read_at(const File& file, std::uint64_t offset, std::span<char> buffer,
                            const std::filesystem::path& path) {
  std::size_t total = 0;
  while (total < buffer.size()) {
    const auto at = static_cast<off_t>(offset + total);
    const auto done = uninterrupted(
        [&] { return ::pread(file.fd(), buffer.data() + total, buffer.size() - total, at); });
    if (done < 0) return io_failure("read", path, errno);
    if (done == 0) break;
    total += static_cast<std::size_t>(done);
  }
  return total;
}

Result<std::uint64_t> size_of(const File& file, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return io_failure("look at", path, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> sync_file(const File& file, const std::filesystem::path& path) {
  if (::fsync(file.fd()) != 0) return io_failure("sync", path, errno);
  return {};
}

Result<void> sync_directory(const std::filesystem::path& path) {
  const File directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return io_failure("open", path, errno);
  return sync_file(directory, path);
}

Result<void> rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return io_failure("rename a file to", to, errno);
  return {};
}

Result<void> make_private_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return io_failure("create", path, errno);
}

Result<bool> remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return io_failure("remove", path, errno);
}

Result<bool> set_file_time(const std::filesystem::path& path, WallTime time) {
  const timespec at{time.micros / kMicros, time.micros % kMicros * 1'000};
  const timespec both[2] = {at, at};
  if (::utimensat(AT_FDCWD, path.c_str(), both, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return io_failure("set the time of", path, errno);
}

Result<std::optional<FileStatus>> status_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    const WallTime modified{status.st_mtim.tv_sec * kMicros + status.st_mtim.tv_nsec / 1'000};
    return FileStatus{static_cast<std::uint64_t>(status.st_size), modified};
  }
  if (errno == ENOENT) return std::nullopt;
  return io_failure("look at", path, errno);
}

Result<File> lock_file(const std::filesystem::path& path, LockKind kind) {
  File file(
      uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }));
  if (!file.is_open()) return io_failure("open", path, errno);
  const int operation = kind == LockKind::shared ? LOCK_SH : LOCK_EX;
  if (uninterrupted([&] { return ::flock(file.fd(), operation); }) != 0) {
    return io_failure("lock", path, errno);
  }
  return file;
}

Result<bool> is_locked(const std::filesystem::path& path) {
  WRIT_TRY(const auto file, open_for_reading(path));
  if (!file) return false;
  if (::flock(file->fd(), LOCK_EX | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return io_failure("lock", path, errno);
}

}  // namespace writ::store
