#include "contract/canonical.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"

namespace writ::contract {
namespace {

std::string canonical(std::string_view json) {
  const auto value = parse_json(json);
  EXPECT_TRUE(value.has_value()) << json;
  if (!value) return "";
  const auto text = canonical_json(*value);
  EXPECT_TRUE(text.has_value());
  return text ? *text : "";
}

TEST(Canonical, SortsMembersByUtf16CodeUnits) {
  EXPECT_EQ(canonical(R"({"\uFB33":1,"\uD83D\uDE00":2,"b":3,"a":4,"aa":5,"":6})"),
            "{\"\":6,\"a\":4,\"aa\":5,\"b\":3,\"\xF0\x9F\x98\x80\":2,\"\xEF\xAC\xB3\":1}");
}

TEST(Canonical, WritesNumbersAsEcmaScriptDoes) {
  const std::pair<double, std::string_view> cases[] = {
      {-0.0, "0"},
      {1e21, "1e+21"},
      {999999999999999900000.0, "999999999999999900000"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {9.999999999999997e-7, "9.999999999999997e-7"},
      {333333333.33333329, "333333333.3333333"},
      {1.5e300, "1.5e+300"},
      {9007199254740994.0, "9007199254740994"},
      {-5e-324, "-5e-324"},
      {0.1, "0.1"},
      {-12.25, "-12.25"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(es6_number(number), text);
}

TEST(Canonical, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(canonical(R"("\u0000\b\t\n\u000b\f\r\u001f\"\\\/\u00e9")"),
            "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\xC3\xA9\"");
}

TEST(Canonical, RefusesWhatJsonCannotSay) {
  for (const Value& value : {Value(1.0 / 0.0), Value("\xED\xA0\x80")}) {
    const auto bytes = canonical_json(value);
    ASSERT_FALSE(bytes.has_value()) << *bytes;
    EXPECT_EQ(bytes.error().code, Code::invalid_input);
  }
}

TEST(Canonical, GivesTheBytesOfTheOfficialVectors) {
  const std::filesystem::path dir = WRIT_SOURCE_DIR "/../shared/conformance/jcs/testdata";
  if (!std::filesystem::exists(dir)) GTEST_SKIP() << "skipped: no vectors at " << dir;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir / "input")) {
    const auto input = read_file(entry.path(), 1 << 20);
    const auto expected = read_file(dir / "output" / entry.path().filename(), 1 << 20);
    ASSERT_TRUE(input && expected);
    EXPECT_EQ(canonical(*input), *expected) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 6);
}

}  // namespace
}  // namespace writ::contract
