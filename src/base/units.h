#pragma once
// Durations and sizes as users write them: "250ms", "60s", "5m", "2h", "1d"; "64KiB", "10MB".
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

using Duration = std::chrono::milliseconds;

struct Bytes {
  std::uint64_t count = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

// A whole number and a unit (ms s m h d), no sign. Errors: invalid_input, also on overflow.
Result<Duration> parse_duration(std::string_view text);
// The shortest spelling that parse_duration reads back: "90s", "5m".
std::string to_text(Duration duration);

// A whole number and a unit (B KB MB GB KiB MiB GiB). Errors: invalid_input, also on overflow.
Result<Bytes> parse_bytes(std::string_view text);
std::string to_text(Bytes bytes);

}  // namespace writ
