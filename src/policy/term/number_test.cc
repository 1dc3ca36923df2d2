#include "policy/term/number.h"

#include <gtest/gtest.h>

#include "policy/term/big_integer.h"

namespace writ::rego {
namespace {

class NumberTest : public ::testing::Test {
 protected:
  Term number(std::string_view text) {
    EXPECT_TRUE(is_json_number(text)) << text;
    return make_number(arena_, text);
  }
  std::string real(long double value) { return number_text(make_real(arena_, value)); }
  Arena arena_;
};

TEST_F(NumberTest, KeepsItsSpelling) {
  for (const char* text : {"0", "-0", "1", "1.0", "1e2", "1.50", "100000000000000000000000001",
                           "-9223372036854775808", "9223372036854775808", "1E-400"}) {
    EXPECT_EQ(number_text(number(text)), text);
  }
}

TEST_F(NumberTest, KnowsWhatIsANumberInJson) {
  for (const char* text : {"", "-", "01", "1.", ".5", "+1", "1e", "0x10", "1_000", "NaN", " 1"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

TEST_F(NumberTest, ComparesByValue) {
  const char* const equal[][2] = {{"1", "1.0"},
                                  {"100", "1e2"},
                                  {"0", "-0"},
                                  {"0", "0.0e9"},
                                  {"1.5e3", "1500"},
                                  {"0.0012", "1.2e-3"},
                                  {"1e20", "100000000000000000000"}};
  for (const auto& [a, b] : equal) {
    EXPECT_EQ(number(a), number(b)) << a;
    EXPECT_EQ(hash_of(number(a)), hash_of(number(b))) << a;
  }
  const char* const ordered[] = {"-1e30", "-10", "-9.5", "-1",  "-1e-9", "0",
                                 "1e-9",  "0.1", "1",    "9.5", "10",    "1e30"};
  for (std::size_t i = 0; i + 1 < std::size(ordered); ++i) {
    EXPECT_TRUE(number(ordered[i]) < number(ordered[i + 1])) << ordered[i];
  }
}

TEST_F(NumberTest, TellsWholeNumbersFromOthers) {
  EXPECT_EQ(to_int64(number("1e2")), 100);
  EXPECT_EQ(to_int64(number("-9223372036854775808")), INT64_MIN);
  EXPECT_EQ(to_int64(number("9223372036854775808")), std::nullopt);
  EXPECT_EQ(to_int64(number("1.5")), std::nullopt);
  EXPECT_TRUE(is_integral(number("1.50e1")));
  EXPECT_FALSE(is_integral(number("1.55e1")));
}

TEST_F(NumberTest, PrintsRealsInTheirShortestForm) {
  EXPECT_EQ(real(0.1L + 0.2L), "0.3");
  EXPECT_EQ(real(1.0L / 3), "0.33333333333333333334");
  EXPECT_EQ(real(3.5L), "3.5");
  EXPECT_EQ(real(-2.0L), "-2");
  EXPECT_EQ(real(1e-7L), "1e-07");
  EXPECT_EQ(real(1e30L).size(), 31u);
}

TEST_F(NumberTest, ExpandsExponentsOnlyWithinReason) {
  EXPECT_EQ(to_big_integer(number("1e30"))->str(), "1" + std::string(30, '0'));
  EXPECT_EQ(to_big_integer(number("1e999999999")), std::nullopt);
  EXPECT_EQ(to_big_integer(number("2.5")), std::nullopt);
  EXPECT_TRUE(number("1e999999998") < number("1e999999999"));
}

}  // namespace
}  // namespace writ::rego
