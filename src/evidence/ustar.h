#pragma once
// Deterministic tar archives (POSIX ustar): regular files only, mode 0644, owner 0, time 0. The
// reader accepts exactly what the writer makes: every byte of headers and padding is fixed by the
// names and contents, so a change of any byte is found.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::evidence {

struct TarMember {
  std::string_view name;
  std::string_view bytes;  // views into the archive when read
};

inline constexpr std::size_t kMaxTarName = 100;
inline constexpr std::uint64_t kMaxTarFile = (std::uint64_t{1} << 33) - 1;  // eleven octal digits

// Requires: names of 1 to kMaxTarName bytes without NUL, contents of at most kMaxTarFile bytes.
std::string write_tar(const std::vector<TarMember>& members);

// In the archive's order; names are as they stand there and not judged. Linear.
// Errors: tampered, with the offset of the first byte that is not as it must be.
Result<std::vector<TarMember>> read_tar(std::string_view archive, std::size_t max_members);

}  // namespace writ::evidence
