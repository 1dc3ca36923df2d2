#pragma once
// Time as a seam. Wall time is for display, certificates and events; durations and timeouts use
// the steady clock. Both come from one injected Clock so that tests and crash replays decide.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

// Microseconds since the Unix epoch, UTC.
struct WallTime {
  std::int64_t micros = 0;
  friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual std::chrono::steady_clock::time_point steady() const = 0;
};

// The machine's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

// RFC 3339 in UTC with microseconds: 2026-01-31T12:00:00.000000Z.
std::string to_rfc3339(WallTime time);
// Errors: invalid_input. Accepts any offset and 0 to 9 fraction digits.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace writ
