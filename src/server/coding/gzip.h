#pragma once
// gzip (RFC 1952): bodies of requests and answers, and what decision logs upload.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::server {

inline constexpr int kUsualGzipLevel = 6;

// `level`: 1 is fast, 9 is small. Errors: internal (no memory).
Result<std::string> gzip(std::string_view bytes, int level = kUsualGzipLevel);

struct Unpacked {
  // broken: no gzip, cut off, or a checksum that is wrong. too_large: more than was allowed.
  enum class Outcome : std::uint8_t { whole, broken, too_large };
  Outcome outcome = Outcome::broken;
  std::string bytes;  // when it is whole
};

// One or several gzip members in a row. Takes at most about `limit` bytes of memory.
Unpacked gunzip(std::string_view bytes, std::size_t limit);

}  // namespace writ::server
