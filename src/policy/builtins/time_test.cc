#include <gtest/gtest.h>

#include "policy/builtins/time_layout.h"
#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

struct Case {
  const char* name;
  const char* args;
  const char* want;
};

void expect(std::span<const Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(BuiltinCall().text(c.name, c.args), c.want) << c.name << " " << c.args;
  }
}

TEST(TimeBuiltins, NowIsTheTimeOfTheQuery) {
  BuiltinCall call;
  call.env().now_ns = 1'700'000'000'000'000'123;
  EXPECT_EQ(call.text("time.now_ns", "[]"), "1700000000000000123");
}

TEST(TimeBuiltins, DatesAndClocksFollowTheZone) {
  constexpr Case kCases[] = {
      {"time.date", "[1517814000000000000]", "[2018, 2, 5]"},
      {"time.date", R"([[1517814000000000000, "America/Los_Angeles"]])", "[2018, 2, 4]"},
      {"time.date", R"([[1517814000000000000, ""]])", "[2018, 2, 5]"},
      {"time.date", "[-1]", "[1969, 12, 31]"},
      {"time.date", "[-9223372036854775808]", "[1677, 9, 21]"},
      {"time.date", "[9223372036854775807]", "[2262, 4, 11]"},
      {"time.clock", R"([[1517832000000000000, "Asia/Kolkata"]])", "[17, 30, 0]"},
      // Beyond the listed changes the rule of the zone holds: summer and winter of 2100.
      {"time.clock", R"([[4118040000000000000, "Europe/Berlin"]])", "[14, 0, 0]"},
      {"time.clock", R"([[4102488000000000000, "Europe/Berlin"]])", "[13, 0, 0]"},
      {"time.weekday", "[0]", R"("Thursday")"},
      {"time.weekday", R"([[0, "America/New_York"]])", R"("Wednesday")"},
  };
  expect(kCases);
}

TEST(TimeBuiltins, BadTimesAreErrors) {
  constexpr Case kCases[] = {
      {"time.date", "[1e30]", "error: time.date: timestamp too big"},
      {"time.clock", "[1.5]", "error: time.clock: timestamp too big"},
      {"time.date", R"([[0, "Mars/Base"]])", "error: time.date: unknown time zone Mars/Base"},
      {"time.date", R"([[0, "../../etc/passwd"]])",
       "error: time.date: time: invalid location name"},
      {"time.date", R"([[0, "/etc/passwd"]])", "error: time.date: time: invalid location name"},
      {"time.date", "[\"x\"]",
       "type error: time.date: operand 1 must be either number (ns) or [number (ns), string "
       "(tz)] but got string"},
      {"time.date", "[[0, 1]]", "type error: time.date: operand 1 must be string but got number"},
      {"time.add_date", "[0, 1.5, 0, 0]",
       "type error: time.add_date: operand 2 must be integer number but got floating-point "
       "number"},
      {"time.add_date", "[0, 2262, 1, 1]", "error: time.add_date: time outside of valid range"},
      {"time.add_date", "[0, 9223372036854775807, 1, 1]",
       "error: time.add_date: time outside of valid range"},
      {"time.parse_rfc3339_ns", R"(["2262-04-11T23:47:16.854775808-00:00"])",
       "error: time.parse_rfc3339_ns: time outside of valid range"},
      {"time.parse_rfc3339_ns", R"(["2020-13-01T00:00:00Z"])",
       "error: time.parse_rfc3339_ns: parsing time \"2020-13-01T00:00:00Z\": month out of "
       "range"},
      {"time.parse_rfc3339_ns", R"(["2021-02-29T00:00:00Z"])",
       "error: time.parse_rfc3339_ns: parsing time \"2021-02-29T00:00:00Z\": day out of range"},
      {"time.parse_ns", R"(["2006-01-02", "hello"])",
       "error: time.parse_ns: parsing time \"hello\" as \"2006-01-02\": cannot parse \"hello\" "
       "as \"2006\""},
      {"time.parse_ns", R"(["2006", "2006 "])",
       "error: time.parse_ns: parsing time \"2006 \": extra text: \" \""},
      {"time.parse_duration_ns", R"(["3"])",
       "error: time.parse_duration_ns: time: missing unit in duration \"3\""},
      {"time.parse_duration_ns", R"(["3x"])",
       "error: time.parse_duration_ns: time: unknown unit \"x\" in duration \"3x\""},
      {"time.parse_duration_ns", R"(["."])",
       "error: time.parse_duration_ns: time: invalid duration \".\""},
  };
  expect(kCases);
}

TEST(TimeBuiltins, ParsesByExample) {
  constexpr Case kCases[] = {
      {"time.parse_rfc3339_ns", R"(["1677-09-21T00:12:43.145224192-00:00"])",
       "-9223372036854775808"},
      {"time.parse_rfc3339_ns", R"(["2017-06-02T19:00:00-07:00"])", "1496455200000000000"},
      {"time.parse_ns", R"(["01/02 03:04:05PM '06 -0700", "06/02 07:00:00PM '17 -0700"])",
       "1496455200000000000"},
      {"time.parse_ns", R"(["RFC822Z", "02 Jun 17 19:00 -0700"])", "1496455200000000000"},
      {"time.parse_ns", R"(["RFC850", "Friday, 02-Jun-17 19:00:00 UTC"])", "1496430000000000000"},
      {"time.parse_ns", R"(["ANSIC", "Fri Jun  2 19:00:00 2017"])", "1496430000000000000"},
      {"time.parse_ns", R"(["2006-002", "2020-060"])", "1582934400000000000"},
      {"time.parse_ns", R"(["2006 Jan 2 MST", "1970 jan 1 GMT+1"])", "-3600000000000"},
      {"time.parse_ns", R"(["15:04:05 2006", "01:02:03.25 1970"])", "3723250000000"},
      {"time.parse_duration_ns", R"(["1h15m30.918s"])", "4530918000000"},
      {"time.parse_duration_ns", R"(["-1.5h"])", "-5400000000000"},
      {"time.parse_duration_ns", R"(["100ms"])", "100000000"},
      {"time.parse_duration_ns", R"(["0"])", "0"},
  };
  expect(kCases);
}

TEST(TimeBuiltins, FormatsByExample) {
  constexpr Case kCases[] = {
      {"time.format", "[1670006453141828752]", R"("2022-12-02T18:40:53.141828752Z")"},
      {"time.format", "[0]", R"("1970-01-01T00:00:00Z")"},
      {"time.format", R"([[1670006453141828752, "Asia/Kolkata"]])",
       R"("2022-12-03T00:10:53.141828752+05:30")"},
      {"time.format", R"([[1670006453141828752, "Asia/Kolkata", "RFC1123Z"]])",
       R"("Sat, 03 Dec 2022 00:10:53 +0530")"},
      {"time.format", R"([[1670006453141828752, "Europe/Berlin", "Monday, January _2 3:4pm MST"]])",
       R"("Friday, December  2 7:40pm CET")"},
      {"time.format", R"([[1670006453141828752, "UTC", "06 002 .000 ,999999 15h Month"]])",
       R"("22 336 .141 ,141828 18h Month")"},
  };
  expect(kCases);
}

TEST(TimeBuiltins, AddsAndSubtractsByTheCalendar) {
  constexpr Case kCases[] = {
      {"time.add_date", "[1585852421593912000, 3, 9, 12]", "1705257221593912000"},
      {"time.add_date", "[1585852421593912000, -1, -1, -1]", "1551465221593912000"},
      {"time.add_date", "[-9223372036854775808, 0, 0, 0]", "-9223372036854775808"},
      {"time.diff", "[1580601600000000000, 1583020800000000000]", "[0, 0, 28, 0, 0, 0]"},
      {"time.diff", "[1078012800000000000, 1109635200000000000]", "[1, 0, 1, 0, 0, 0]"},
      {"time.diff", R"([[60000000000, "UTC"], [0, "Asia/Shanghai"]])", "[0, 0, 0, 0, 1, 0]"},
  };
  expect(kCases);
}

TEST(TimeZones, RefuseWhatIsNoZoneFile) {
  EXPECT_EQ(TimeZone::parse("TZif2 and then nothing").error().message,
            "malformed time zone information");
  EXPECT_EQ(TimeZone::parse("").error().message, "malformed time zone information");
}

TEST(TimeZones, ClocksInTheGapOfAChangeShowTheOffsetBefore) {
  const auto zone = TimeZone::load("Europe/Berlin");
  ASSERT_TRUE(zone.has_value());
  // 2021-03-28: clocks went from 02:00 to 03:00.
  EXPECT_EQ(zone->instant({2021, 3, 28, 1, 59, 59}), 1616893199);
  EXPECT_EQ(zone->instant({2021, 3, 28, 3, 0, 0}), 1616893200);
  EXPECT_EQ(zone->local(1616893200).hour, 3);
}

}  // namespace
}  // namespace writ::rego
