#include "crypto/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace writ::crypto {

// The system's own wait knows no end, so it is asked again and again.
Result<FileLock> FileLock::acquire(const std::filesystem::path& path,
                                   std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kBetween{20};
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto end = std::chrono::steady_clock::now() + patience;
  while (lock.fd_ < 0 || ::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (lock.fd_ >= 0 && errno == EINTR) continue;
    if (lock.fd_ < 0 || errno != EWOULDBLOCK) {
      return fail(Code::storage_failed,
                  "cannot lock " + path.string() + ": " + std::strerror(errno));
    }
    if (std::chrono::steady_clock::now() >= end) {
      return fail(Code::unavailable, "another process holds " + path.string(),
                  "Wait for it to end, or end it; the lock goes with it");
    }
    std::this_thread::sleep_for(kBetween);
  }
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace writ::crypto
