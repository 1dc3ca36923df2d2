#pragma once
// Files in a gzipped tar, as OPA bundles are, read and written in memory. What comes from outside
// is bounded before it is kept: compressed and unpacked size, size of a file, number of files.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::rego {

struct ArchiveLimits {
  std::uint64_t packed = 1u << 30;
  std::uint64_t unpacked = 2ull << 30;
  std::uint64_t file = 1u << 30;
  std::size_t files = 100'000;
  // Unpacked bytes for one packed byte; more is a bomb. Small archives may be denser.
  std::uint64_t ratio = 1000;
};

struct ArchiveFile {
  std::string path;  // without a leading slash: "app/policy.rego"
  std::string bytes;
};

// The regular files, in their order. Errors: invalid_input (not a gzipped tar, cut off, a path that
// leaves the archive or occurs twice, a link or device), overloaded (over a limit).
Result<std::vector<ArchiveFile>> read_archive(std::string_view bytes,
                                              const ArchiveLimits& limits = {});

// The same files always give the same bytes: no times, owners or modes of this machine.
Result<std::string> write_archive(const std::vector<ArchiveFile>& files);

}  // namespace writ::rego
