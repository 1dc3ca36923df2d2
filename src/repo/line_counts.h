#pragma once
// Lines added and removed between two versions of a file, as `git diff --numstat` counts them.
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace writ::repo {

struct LineCounts {
  std::uint32_t added = 0;
  std::uint32_t removed = 0;
};

// A NUL among the first 8000 bytes, which is git's own rule.
bool is_binary(std::string_view bytes);

// Line breaks, and one more for a last line without.
std::uint32_t count_lines(std::string_view text);

// Versions larger than 16 MiB are not compared line by line: all old lines go, all new ones come.
Result<LineCounts> compare_lines(std::string_view before, std::string_view after);

}  // namespace writ::repo
