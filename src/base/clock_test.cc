#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/testing/fake_clock.h"

namespace writ {
namespace {

struct Spelling {
  std::string_view text;
  std::int64_t micros;
};

TEST(Clock, ReadsEveryFormOfRfc3339) {
  constexpr Spelling kSpellings[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01t00:00:00z", 0},
      {"1970-01-01 00:00:01Z", 1'000'000},
      {"2026-01-31T12:00:00.000001Z", 1'769'860'800'000'001},
      {"2026-01-31T12:00:00.1Z", 1'769'860'800'100'000},
      {"2026-01-31T12:00:00.123456789Z", 1'769'860'800'123'456},
      {"2026-01-31T13:00:00+01:00", 1'769'860'800'000'000},
      {"2026-01-31T06:30:00-05:30", 1'769'860'800'000'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
      {"1969-12-31T23:59:59.999999Z", -1},
  };
  for (const Spelling& spelling : kSpellings) {
    const auto time = parse_rfc3339(spelling.text);
    ASSERT_TRUE(time) << spelling.text;
    EXPECT_EQ(time->micros, spelling.micros) << spelling.text;
  }
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const std::string_view text :
       {"", "2026", "2026-01-31", "2026-01-31T12:00Z", "2026-01-31T12:00:00",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z", "2026-12-31T23:59:60Z", "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00.1234567890Z", "2026-01-31T12:00:00+1:00", "2026-01-31T12:00:00+25:00",
        "2026-01-31T12:00:00Zx", " 2026-01-31T12:00:00Z", "-026-01-31T12:00:00Z"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Code::invalid_input);
    EXPECT_FALSE(time.error().remediation.empty());
  }
}

TEST(Clock, WritesUtcWithMicroseconds) {
  EXPECT_EQ(to_rfc3339({1'769'860'800'000'001}), "2026-01-31T12:00:00.000001Z");
  EXPECT_EQ(to_rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, ShowsTimesBeyondRfc3339AsTheNearestItKnows) {
  EXPECT_EQ(to_rfc3339({std::numeric_limits<std::int64_t>::max()}), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339({std::numeric_limits<std::int64_t>::min()}), "0000-01-01T00:00:00.000000Z");
}

TEST(Clock, ReadsBackWhatItWrites) {
  for (const std::int64_t micros : {std::int64_t{0}, std::int64_t{951'782'399'999'999},
                                    std::int64_t{-62'000'000'000'000'001}}) {
    EXPECT_EQ(parse_rfc3339(to_rfc3339({micros})).value().micros, micros);
  }
}

TEST(Clock, OfTheMachineGoesOn) {
  const SystemClock clock;
  const auto steady = clock.steady();
  EXPECT_GE(clock.steady(), steady);
  EXPECT_GT(clock.wall().micros, parse_rfc3339("2020-01-01T00:00:00Z").value().micros);
}

TEST(Clock, FakeMovesOnlyWhenTold) {
  FakeClock clock;
  const WallTime wall = clock.wall();
  const auto steady = clock.steady();
  EXPECT_EQ(clock.wall(), wall);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(clock.wall().micros, wall.micros + 2'000'000);
  EXPECT_EQ(clock.steady(), steady + std::chrono::seconds(2));
}

}  // namespace
}  // namespace writ
