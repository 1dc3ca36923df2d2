#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/text_check.h"

namespace writ {
namespace {

using namespace std::string_view_literals;

Diagnostic problem_of(std::string_view text, const DocumentLimits& limits = {}) {
  const auto value = parse_json(text, "a.json", limits);
  EXPECT_FALSE(value) << text.substr(0, 100);
  if (value) return {};
  EXPECT_EQ(value.error().code, Code::invalid_input);
  EXPECT_EQ(value.error().diagnostics.size(), 1u);
  const Diagnostic found = value.error().diagnostics.at(0);
  EXPECT_EQ(found.file, "a.json");
  EXPECT_FALSE(found.remedy.empty()) << found.message;
  return found;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

TEST(Json, ReadsEveryKindOfValue) {
  EXPECT_EQ(parse_json("null").value(), Value());
  EXPECT_EQ(parse_json(" true ").value(), Value(true));
  EXPECT_EQ(parse_json("\tfalse\r\n").value(), Value(false));
  EXPECT_EQ(parse_json("\"x\"").value(), Value("x"));
  EXPECT_EQ(parse_json("[]").value(), Value(Array{}));
  EXPECT_EQ(parse_json("{ }").value(), Value(Object{}));
  EXPECT_EQ(parse_json("[1, [2], {\"a\": {\"b\": null}}]").value(),
            Value(Array{1, Array{2}, Object{{"a", Object{{"b", Value()}}}}}));
}

TEST(Json, KnowsWhereEverythingStands) {
  const Value root = parse_json("{\n  \"k\": [1,\n \"é\", {}],\r\n\"z\":true}").value();
  EXPECT_EQ(root.at(), (Position{1, 1}));
  const Member& k = *root.as_object().begin();
  EXPECT_EQ(k.key_at, (Position{2, 3}));
  EXPECT_EQ(k.value.at(), (Position{2, 8}));
  EXPECT_EQ(k.value.as_array()[0].at(), (Position{2, 9}));
  EXPECT_EQ(k.value.as_array()[1].at(), (Position{3, 2}));
  EXPECT_EQ(k.value.as_array()[2].at(), (Position{3, 8})) << "columns count bytes";
  EXPECT_EQ(root.find("z")->at(), (Position{4, 5}));
}

TEST(Json, ReadsNumbersAsIntegersWhereTheyFit) {
  EXPECT_TRUE(parse_json("-0").value().is_integer());
  EXPECT_EQ(parse_json("9223372036854775807").value().as_integer(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_json("-9223372036854775808").value().as_integer(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_json("9223372036854775808").value().as_number(), 0x1p63);
  EXPECT_FALSE(parse_json("9223372036854775808").value().is_integer());
  EXPECT_FALSE(parse_json("1.0").value().is_integer());
  EXPECT_FALSE(parse_json("1e3").value().is_integer());
  EXPECT_EQ(parse_json("1e3").value(), Value(1000));
  EXPECT_EQ(parse_json("-1.5E-2").value().as_number(), -0.015);
  EXPECT_EQ(parse_json("0.1").value().as_number(), 0.1);
}

TEST(Json, TellsTooSmallFromTooLarge) {
  const std::string zeros(500, '0');
  EXPECT_EQ(parse_json("1e-400").value().as_number(), 0.0);
  EXPECT_EQ(parse_json("0." + zeros + "1").value().as_number(), 0.0);
  EXPECT_EQ(parse_json("0." + zeros + "1e+100").value().as_number(), 0.0);
  EXPECT_EQ(parse_json("1e-99999999999999999999").value().as_number(), 0.0);
  EXPECT_EQ(parse_json("0e99999999999999999999").value().as_number(), 0.0);
  EXPECT_EQ(parse_json("0." + zeros + "1e501").value().as_number(), 1.0);
  EXPECT_EQ(parse_json("1" + zeros + "e-500").value().as_number(), 1.0);
  for (const std::string& huge :
       {std::string("1e400"), std::string("-1e309"), "1" + zeros, "1" + zeros + "e-1",
        "0." + zeros + "1e1000", std::string("1e99999999999999999999"), "1" + zeros + ".0"}) {
    EXPECT_NE(problem_of(huge).message.find("too large for a double"), std::string::npos) << huge;
  }
}

TEST(Json, ReadsEscapes) {
  EXPECT_EQ(parse_json(R"("\"\\\/\b\f\n\r\t")").value().as_string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parse_json(R"("\u0041\u00e9\u20AC\ud83d\ude00")").value().as_string(), "Aé€😀");
  EXPECT_EQ(parse_json(R"("\u0000")").value().as_string(), "\0"sv);
  EXPECT_EQ(parse_json("\"\x7f\xc2\x80\"").value().as_string(), "\x7f\xc2\x80");
}

struct Refusal {
  std::string_view text;
  Position at;
  std::string_view message;
};

TEST(Json, RefusesWhatRfc8259DoesNotAllow) {
  constexpr Refusal kRefusals[] = {
      {"", {1, 1}, "expected a value, found the end of the text"},
      {" \n ", {2, 2}, "expected a value, found the end of the text"},
      {"{", {1, 2}, "expected a key, found the end of the text"},
      {"[1", {1, 3}, "expected `,` or `]`, found the end of the text"},
      {"[1,]", {1, 3}, "a comma before the closing bracket"},
      {"[,1]", {1, 2}, "expected a value, found `,`"},
      {"[1 2]", {1, 4}, "expected `,` or `]`, found `2`"},
      {"{\"a\":1,}", {1, 7}, "a comma before the closing bracket"},
      {"{\"a\" 1}", {1, 6}, "expected `:` after the key, found `1`"},
      {"{a: 1}", {1, 2}, "expected a key, found `a`"},
      {"{\"a\":1 \"b\":2}", {1, 8}, "expected `,` or `}`, found `\"`"},
      {"{1: 1}", {1, 2}, "expected a key, found `1`"},
      {"[1}", {1, 3}, "expected `,` or `]`, found `}`"},
      {"1 2", {1, 3}, "more text after the value: `2`"},
      {"{}}", {1, 3}, "more text after the value: `}`"},
      {"'a'", {1, 1}, "expected a value, found `'`"},
      {"[1, // one\n2]", {1, 5}, "expected a value, found `/`"},
      {"# x\n1", {1, 1}, "expected a value, found `#`"},
      {"True", {1, 1}, "expected a value, found `True`"},
      {"truely", {1, 1}, "expected a value, found `truely`"},
      {"nul", {1, 1}, "expected a value, found `nul`"},
      {"NaN", {1, 1}, "expected a value, found `NaN`"},
      {"-Infinity", {1, 1}, "expected a number, found `-`"},
      {"-", {1, 1}, "expected a number, found `-`"},
      {"+1", {1, 1}, "expected a value, found `+`"},
      {"01", {1, 1}, "a number with a leading zero"},
      {"-012", {1, 1}, "a number with a leading zero"},
      {"0x10", {1, 2}, "expected the end of the number, found `x10`"},
      {".5", {1, 1}, "expected a value, found `.`"},
      {"1.", {1, 3}, "expected a digit, found the end of the text"},
      {"1.e1", {1, 3}, "expected a digit, found `e1`"},
      {"1e", {1, 3}, "expected a digit, found the end of the text"},
      {"1e+", {1, 4}, "expected a digit, found the end of the text"},
      {"1.2.3", {1, 4}, "expected the end of the number, found `.`"},
      {"\"a", {1, 1}, "a string without end"},
      {"\"a\\", {1, 3}, "an escape that JSON does not know"},
      {"\"a\nb\"", {1, 1}, "the line ends inside of a string"},
      {"\"a\tb\"", {1, 3}, "a control character in a string"},
      {"\"\\x41\"", {1, 2}, "an escape that JSON does not know"},
      {"\"\\u12\"", {1, 2}, "\\u without four hexadecimal digits"},
      {"\"\\u+123\"", {1, 2}, "\\u without four hexadecimal digits"},
      {"\"\\ud83d\"", {1, 2}, "half of a surrogate pair"},
      {"\"\\ude00\\ud83d\"", {1, 2}, "half of a surrogate pair"},
      {"\"\\ud83d\\u0041\"", {1, 2}, "half of a surrogate pair"},
      {"[\n\xff]", {2, 1}, "a byte that is not UTF-8"},
      {"\"\xed\xa0\x80\"", {1, 2}, "a byte that is not UTF-8"},
      {"\xef\xbb\xbf{}", {1, 1}, "the text begins with a byte order mark"},
      {"[1,\n\0 2]"sv, {2, 1}, "a NUL byte"},
      {"{\"a\":1,\n \"b\":2, \"a\":3}", {2, 9}, "the key `a` stands at line 1, column 2 already"},
      {"{\"a\":1,\"\\u0061\":3}", {1, 8}, "the key `a` stands at line 1, column 2 already"},
  };
  for (const Refusal& refusal : kRefusals) {
    const Diagnostic found = problem_of(refusal.text);
    EXPECT_EQ(found.message, refusal.message) << refusal.text;
    EXPECT_EQ(found.at, refusal.at) << refusal.text;
  }
}

TEST(Json, NamesTheEarliestDuplicateOfManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += "\"k" + std::to_string(i) + "\":0,\n";
  const Diagnostic found = problem_of(text + "\"k7\":0,\"k3\":0,\"k7\":0}");
  EXPECT_EQ(found.message, "the key `k7` stands at line 8, column 1 already");
  EXPECT_EQ(found.at, (Position{101, 1}));
}

TEST(Json, StopsAtItsLimits) {
  const DocumentLimits limits{.max_bytes = 100, .max_depth = 3, .max_nodes = 5};
  EXPECT_TRUE(parse_json("[[[]]]", {}, limits));
  EXPECT_EQ(problem_of("[[[[]]]]", limits).at, (Position{1, 4}));
  EXPECT_EQ(problem_of("[[{\"a\":{}}]]", limits).message, "nested more than 3 levels deep");
  EXPECT_TRUE(parse_json("[1,2,3,4]", {}, limits));
  EXPECT_EQ(problem_of("[1,2,3,4,5]", limits).at, (Position{1, 10}));
  EXPECT_EQ(problem_of(std::string(101, ' '), limits).message, "the text is larger than 100 bytes");
}

TEST(Json, SurvivesEndlessNestingWhateverTheLimits) {
  const DocumentLimits limits{.max_depth = std::numeric_limits<std::size_t>::max()};
  for (const std::string_view piece : {"[", "{\"a\":", "[{\"a\":"}) {
    const Diagnostic found = problem_of(repeated(piece, 100'000), limits);
    EXPECT_EQ(found.message, "nested more than 400 levels deep");
  }
  EXPECT_TRUE(parse_json(repeated("[", 400) + repeated("]", 400), {}, limits));
}

TEST(Json, ReadsWideObjectsInLessThanQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) {
    text +=
        (i == 0 ? "\"" : ",\"") + std::string("a-long-common-prefix-") + std::to_string(i) + "\":0";
  }
  const auto value = parse_json(text + "}");
  ASSERT_TRUE(value);  // quadratic would be 2 * 10^10 comparisons: the suite's timeout decides
  EXPECT_EQ(value->as_object().size(), 200'000u);
}

TEST(Json, WritesCompactText) {
  const Value value(Object{{"b", Array{1, -2.5, "x", Value(), true}}, {"a", Object{}}});
  EXPECT_EQ(to_json(value), R"({"b":[1,-2.5,"x",null,true],"a":{}})");
  EXPECT_EQ(to_json(Value(Array{})), "[]");
}

TEST(Json, WritesPrettyText) {
  const Value value(Object{{"b", Array{1, Object{{"c", "d"}}}}, {"a", Object{}}, {"e", Array{}}});
  EXPECT_EQ(to_pretty_json(value),
            "{\n  \"b\": [\n    1,\n    {\n      \"c\": \"d\"\n    }\n  ],\n"
            "  \"a\": {},\n  \"e\": []\n}\n");
}

TEST(Json, WritesTheShortestNumberThatReadsBack) {
  constexpr std::pair<double, std::string_view> kNumbers[] = {
      {0.1, "0.1"},
      {5.0, "5"},
      {1e20, "1e+20"},
      {1e-7, "1e-07"},
      {5e-324, "5e-324"},
      {0x1p63, "9223372036854775808"},
      {0.30000000000000004, "0.30000000000000004"}};
  for (const auto& [number, text] : kNumbers) {
    EXPECT_EQ(to_json(Value(number)), text);
    EXPECT_EQ(parse_json(text).value().as_number(), number);
  }
  EXPECT_EQ(to_json(Value(-0.0)), "-0.0");
  EXPECT_TRUE(std::signbit(parse_json("-0.0").value().as_number()));
  EXPECT_EQ(to_json(Value(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
}

TEST(Json, EscapesWhatMustBeEscaped) {
  std::string out;
  append_json_string(out, "a\"\\\b\f\n\r\t\x01\x1f\x7f/é"sv);
  EXPECT_EQ(out, "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/é\"");
  EXPECT_EQ(to_json(Value("\0"sv)), "\"\\u0000\"");
}

TEST(Json, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(to_json(Value("a\xff\xe2\x82z")), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
}

TEST(TextCheck, QuotesOnOneLineAndShort) {
  EXPECT_EQ(shown_in_quotes("a\nb\x01\xff"), "`a?b??`");
  EXPECT_EQ(shown_in_quotes(std::string(59, 'x') + "é"), "`" + std::string(59, 'x') + "…`");
  EXPECT_EQ(shown_in_quotes(std::string(60, 'x')), "`" + std::string(60, 'x') + "`");
}

TEST(TextCheck, FindsPositions) {
  EXPECT_EQ(position_of("ab\ncd", 0), (Position{1, 1}));
  EXPECT_EQ(position_of("ab\ncd", 2), (Position{1, 3}));
  EXPECT_EQ(position_of("ab\ncd", 3), (Position{2, 1}));
  EXPECT_EQ(position_of("ab\ncd", 5), (Position{2, 3}));
}

}  // namespace
}  // namespace writ
