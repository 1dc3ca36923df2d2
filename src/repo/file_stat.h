#pragma once
// What stat says about a file: enough to know that its content did not change.
#include <sys/stat.h>

#include <cstdint>

namespace writ::repo {

struct FileStat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // since the epoch
  std::int64_t changed_ns = 0;   // ctime: cannot be set back by a command
  std::uint32_t mode = 0;
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

inline std::int64_t to_nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline FileStat to_file_stat(const struct stat& info) {
  return {info.st_dev,
          info.st_ino,
          static_cast<std::uint64_t>(info.st_size),
          to_nanoseconds(info.st_mtim),
          to_nanoseconds(info.st_ctim),
          info.st_mode};
}

}  // namespace writ::repo
