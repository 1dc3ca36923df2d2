#include "crypto/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // Some file systems report a failed write only here.
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

std::unexpected<Error> storage_error(std::string_view doing, const std::filesystem::path& path) {
  return fail(Code::storage_failed,
              fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(errno)));
}

Result<void> require_closed_to_others(const struct stat& status, const std::filesystem::path& path,
                                      unsigned wanted) {
  if ((status.st_mode & 077u) == 0) return {};
  return fail(Code::invalid_input,
              fmt::format("{} is open to other users (mode {:04o})", path.string(),
                          status.st_mode & 07777u),
              fmt::format("`chmod {:o} {}`, and make a new key if others may have read it", wanted,
                          path.string()));
}

Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return storage_error("write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A name in the directory of `path` that goes away unless it was linked to its real name.
class TemporaryName {
 public:
  explicit TemporaryName(const std::filesystem::path& path) : name_(path.string() + ".XXXXXX") {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (exists_) ::unlink(name_.c_str());
  }
  int open() {
    const int fd = ::mkostemp(name_.data(), O_CLOEXEC);
    exists_ = fd >= 0;
    return fd;
  }
  const char* c_str() const { return name_.c_str(); }

 private:
  std::string name_;
  bool exists_ = false;
};

Result<void> sync_directory_of(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor dir(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir.is_open() || ::fsync(dir.get()) != 0) return storage_error("sync", parent);
  return {};
}

Result<std::string> read_to_end(int fd, std::size_t max_bytes, const std::filesystem::path& path) {
  std::string text(max_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(fd, text.data() + length, text.size() - length);
    if (got < 0) {
      if (errno == EINTR) continue;
      return storage_error("read", path);
    }
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_bytes) {
    wipe(text);
    return fail(Code::invalid_input,
                fmt::format("{} is larger than {} bytes", path.string(), max_bytes));
  }
  text.resize(length);
  return text;
}

}  // namespace

Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t max_bytes) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ENOENT) {
      return fail(Code::not_found, "no file " + path.string(), "Check the path");
    }
    return storage_error("open", path);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return storage_error("read", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(Code::invalid_input, path.string() + " is no regular file", "Name a key file");
  }
  WRIT_CHECK(require_closed_to_others(status, path, 0600));
  return read_to_end(file.get(), max_bytes, path);
}

Result<void> create_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  TemporaryName temporary(path);
  Descriptor file(temporary.open());
  if (!file.is_open()) return storage_error("create", path);
  if (::fchmod(file.get(), mode) != 0) return storage_error("create", path);
  WRIT_CHECK(write_all(file.get(), bytes, path));
  if (::fsync(file.get()) != 0) return storage_error("sync", path);
  if (file.close() != 0) return storage_error("write", path);
  // Unlike rename, link refuses a name that is taken.
  if (::link(temporary.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) {
      return fail(Code::conflict, path.string() + " exists already",
                  "Choose another name; key files are never overwritten");
    }
    return storage_error("create", path);
  }
  return sync_directory_of(path);
}

Result<void> require_private_directory(const std::filesystem::path& dir) {
  if (dir.has_parent_path()) WRIT_CHECK(make_directory(dir.parent_path()));
  WRIT_CHECK(make_directory(dir, 0700));
  struct stat status{};
  if (::stat(dir.c_str(), &status) != 0) return storage_error("read", dir);
  if (!S_ISDIR(status.st_mode)) {
    return fail(Code::invalid_input, dir.string() + " is no directory", "Move the file away");
  }
  return require_closed_to_others(status, dir, 0700);
}

}  // namespace writ::crypto
