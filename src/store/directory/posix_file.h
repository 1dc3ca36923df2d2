#pragma once
// The few file operations that blobs need, with errors that name file and cause.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace writ::store {

// Owns a file descriptor.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// All of these: storage_failed, unless said otherwise.
std::unexpected<Error> io_failure(std::string_view doing, const std::filesystem::path& path,
                                  int cause);

// A new file in `directory` with a name of its own and mode 0600, locked (shared) for as long as
// it is open, so that collectors can tell it from litter. `path` receives the name.
Result<File> create_temporary(const std::filesystem::path& directory, std::filesystem::path& path);
// nullopt: no such file.
Result<std::optional<File>> open_for_reading(const std::filesystem::path& path);
Result<void> write_all(const File& file, std::string_view bytes, const std::filesystem::path& path);
// Reads until `buffer` is full or the file ends; returns the bytes read.
Result<std::size_t> read_at(const File& file, std::uint64_t offset, std::span<char> buffer,
                            const std::filesystem::path& path);
Result<std::uint64_t> size_of(const File& file, const std::filesystem::path& path);
Result<void> sync_file(const File& file, const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& path);
Result<void> rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
// Mode 0700; fine when it exists.
Result<void> make_private_directory(const std::filesystem::path& path);
// False: no such file.
Result<bool> remove_file(const std::filesystem::path& path);
// False: no such file.
Result<bool> set_file_time(const std::filesystem::path& path, WallTime time);

struct FileStatus {
  std::uint64_t size = 0;
  WallTime modified;
};
// nullopt: no such file.
Result<std::optional<FileStatus>> status_of(const std::filesystem::path& path);

enum class LockKind : std::uint8_t { shared, exclusive };
// Waits for the lock on `path` (created when missing); released when the file is closed.
Result<File> lock_file(const std::filesystem::path& path, LockKind kind);
// Whether somebody holds `path` open and locked.
Result<bool> is_locked(const std::filesystem::path& path);

}  // namespace writ::store
