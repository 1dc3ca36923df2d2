#include "base/units.h"

#include <gtest/gtest.h>

namespace writ {
namespace {

TEST(Units, ReadsDurations) {
  constexpr std::pair<std::string_view, std::int64_t> kRows[] = {
      {"0s", 0},         {"250ms", 250},
      {"60s", 60'000},   {"5m", 300'000},
      {"2h", 7'200'000}, {"1d", 86'400'000},
      {"007s", 7000},    {"9223372036854775807ms", std::numeric_limits<std::int64_t>::max()}};
  for (const auto& [text, millis] : kRows) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(duration->count(), millis) << text;
  }
}

TEST(Units, RefusesWhatIsNoDuration) {
  for (const std::string_view text :
       {"", "5", "m", "-5m", "+5m", "5 m", "5m ", "1.5h", "5M", "5min", "1h30m", "5KB",
        "9223372036854775808ms", "106751991168d", "99999999999999999999s"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, Code::invalid_input);
    EXPECT_NE(duration.error().remediation.find("5m"), std::string::npos);
  }
}

TEST(Units, WritesTheShortestDurationThatReadsBack) {
  constexpr std::pair<std::int64_t, std::string_view> kRows[] = {
      {0, "0s"},         {1, "1ms"},        {1500, "1500ms"},   {90'000, "90s"},
      {60'000, "1m"},    {3'600'000, "1h"}, {86'400'000, "1d"}, {5'400'000, "90m"},
      {-90'000, "-90s"}, {100'000, "100s"}};
  for (const auto& [millis, text] : kRows) {
    EXPECT_EQ(to_text(Duration{millis}), text);
    if (millis >= 0) {
      EXPECT_EQ(parse_duration(text).value().count(), millis);
    }
  }
}

TEST(Units, ReadsSizes) {
  constexpr std::pair<std::string_view, std::uint64_t> kRows[] = {
      {"0B", 0},
      {"512B", 512},
      {"10KB", 10'000},
      {"64KiB", 65'536},
      {"10MB", 10'000'000},
      {"1MiB", 1'048'576},
      {"1GB", 1'000'000'000},
      {"2GiB", 2'147'483'648},
      {"18446744073709551615B", std::numeric_limits<std::uint64_t>::max()}};
  for (const auto& [text, count] : kRows) {
    const auto bytes = parse_bytes(text);
    ASSERT_TRUE(bytes) << text;
    EXPECT_EQ(bytes->count, count) << text;
  }
}

TEST(Units, RefusesWhatIsNoSize) {
  for (const std::string_view text : {"", "5", "KB", "-1B", "1kb", "1 KB", "1TB", "1.5MB", "5m",
                                      "18446744073709551616B", "18446744073709551615KB"}) {
    const auto bytes = parse_bytes(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, Code::invalid_input);
  }
}

TEST(Units, WritesTheShortestSizeThatReadsBack) {
  constexpr std::pair<std::uint64_t, std::string_view> kRows[] = {{0, "0B"},
                                                                  {1, "1B"},
                                                                  {1000, "1KB"},
                                                                  {1024, "1KiB"},
                                                                  {1'048'576, "1MiB"},
                                                                  {1'500'000, "1500KB"},
                                                                  {1'024'000, "1024KB"},
                                                                  {4'294'967'296, "4GiB"}};
  for (const auto& [count, text] : kRows) {
    EXPECT_EQ(to_text(Bytes{count}), text);
    EXPECT_EQ(parse_bytes(text).value().count, count);
  }
}

}  // namespace
}  // namespace writ
