// Time zones out of arbitrary bytes: every second lies in exactly one period, and what the clocks
// show then reads as a second near it.
#include <array>
#include <cstdlib>
#include <limits>

#include "base/encoding.h"
#include "base/result.h"
#include "policy/builtins/time_zone.h"

namespace {

using writ::rego::TimeZone;

// What time.* builtins come to lies within what 64 bits of nanoseconds can say.
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
constexpr std::array<std::int64_t, 9> kSeconds = {
    -kLast, -86'400, -1, 0, 951'782'399, 1'111'885'200, 1'767'225'600, 4'102'444'800, kLast};

void check_at(const TimeZone& zone, std::int64_t seconds) {
  const TimeZone::Period period = zone.at(seconds);
  WRIT_ASSERT(period.start <= seconds && seconds < period.end);
  const writ::rego::CivilTime shown = zone.local(seconds);
  WRIT_ASSERT(writ::rego::to_seconds(shown) == seconds + period.offset);
  // Where it is shown twice or never there is more than one reading; each is near.
  WRIT_ASSERT(std::abs(zone.instant(shown) - seconds) <= std::int64_t{1} << 33);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zone = TimeZone::parse(writ::as_text({data, size}));
  if (!zone) {
    WRIT_ASSERT(zone.error().message == "malformed time zone information");
    return 0;
  }
  for (const std::int64_t seconds : kSeconds) {
    check_at(*zone, seconds);
    const std::int64_t next = zone->at(seconds).end;
    if (next < kLast) check_at(*zone, next);
  }
  return 0;
}
