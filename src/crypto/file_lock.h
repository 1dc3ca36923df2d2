#pragma once
// Private to crypto: one writer at a time, across processes. The lock goes with the process that
// holds it, however that ends.
#include <filesystem>
#include <utility>

#include "base/result.h"

namespace writ::crypto {

class FileLock {
 public:
  // Waits until the lock is free. Errors: storage_failed.
  static Result<FileLock> acquire(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace writ::crypto
