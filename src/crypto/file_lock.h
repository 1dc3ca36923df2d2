#pragma once
// Private to crypto: one writer at a time, across processes. The lock goes with the process that
// holds it, however that ends.
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/result.h"

namespace writ::crypto {

class FileLock {
 public:
  // What holds it does so for a few writes; a longer wait is for a process that was stopped.
  static constexpr std::chrono::milliseconds kPatience{10'000};

  // Waits up to `patience` for the lock. Errors: unavailable (somebody still has it),
  // storage_failed.
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  std::chrono::milliseconds patience = kPatience);
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace writ::crypto
