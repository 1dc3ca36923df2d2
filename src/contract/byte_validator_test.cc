#include "contract/byte_validator.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::contract {
namespace {

Schema compiled(std::string_view text) { return *Schema::compile(*parse_json(text)); }

TEST(ByteValidator, AnswersAsTheValidatorOfValuesDoes) {
  const Schema schema = compiled(
      R"({"type": "object", "required": ["id"], "additionalProperties": false,
          "properties": {"id": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
                         "n": {"type": "integer", "maximum": 10, "multipleOf": 0.5},
                         "l": {"uniqueItems": true, "contains": {"const": {"a": [1, null]}}},
                         "e": {"enum": ["x", 2.0, null]}},
          "propertyNames": {"maxLength": 2}})");
  ByteValidator bytes(schema);
  for (const std::string_view text : {R"({"id": "ab"})",
                                      R"({"id": "a"})",
                                      R"({"id": "AB"})",
                                      R"({"n": 3})",
                                      "[]",
                                      "3",
                                      R"({"id": "ab", "n": 10.0})",
                                      R"({"id": "ab", "n": 10.5})",
                                      R"({"id": "ab", "n": 1e400})",
                                      R"({"id": "ab", "n": -99999999999999999999})",
                                      R"({"id": "ab", "n": 18446744073709551615})",
                                      R"({"id": "ab", "l": [{"a": [1.0, null]}, 2]})",
                                      R"({"id": "ab", "l": [2, 2.0]})",
                                      R"({"id": "ab", "l": [{"a": [1, null]}, {"a": [1, null]}]})",
                                      R"({"id": "ab", "e": 2})",
                                      R"({"id": "ab", "e": false})",
                                      R"({"id": "ab", "other": 1})",
                                      R"({"id": "ab", "id": "cd"})",
                                      R"({"id": "ab"} x)",
                                      "",
                                      "{",
                                      R"({"id": "a\ud83d\udc32"})",
                                      R"({"id": "\udc32ab"})"}) {
    const auto value = parse_json(text);
    const bool expected = value && schema.is_valid(*value);
    EXPECT_EQ(bytes.is_valid(text), expected) << text;
    const auto result = bytes.validate(text);
    EXPECT_EQ(result.has_value(), value.has_value()) << text;
    if (result) {
      EXPECT_EQ(result->is_valid(), expected) << text;
    }
  }
}

TEST(ByteValidator, RefusesKeysThatComeTwiceAtAnyDepthAndWidth) {
  ByteValidator bytes(compiled("true"));
  EXPECT_FALSE(bytes.is_valid(R"([{"a": {"b": 1, "c": [{}], "b": 2}}])"));
  EXPECT_TRUE(bytes.is_valid(R"([{"a": {"b": 1}, "b": {"a": "b"}}, {"a": "a"}])"));
  std::string wide = "{";
  for (int i = 0; i < 500; ++i) wide += "\"key" + std::to_string(i) + "\": {\"x\": \"key1\"},";
  EXPECT_TRUE(bytes.is_valid(wide + "\"last\": 1}"));
  EXPECT_FALSE(bytes.is_valid(wide + "\"key400\": 1}"));
}

TEST(ByteValidator, ReportsPositionsOfWhatIsWrong) {
  ByteValidator bytes(compiled(R"({"properties": {"n": {"type": "integer"}}})"));
  const auto result = bytes.validate("{\n  \"n\": \"x\"\n}");
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->violations.size(), 1u);
  EXPECT_EQ(result->violations[0].at, (Position{2, 8}));
}

TEST(ByteValidator, KeepsToTheLimits) {
  DocumentLimits limits;
  limits.max_bytes = 64;
  limits.max_nodes = 10;
  ByteValidator bytes(compiled("true"), limits);
  EXPECT_TRUE(bytes.is_valid("[1,2,3]"));
  EXPECT_FALSE(bytes.is_valid("[1,2,3,4,5,6,7,8,9,10,11,12]"));
  EXPECT_FALSE(bytes.is_valid("[\"" + std::string(100, 'x') + "\"]"));
  const std::string deep = std::string(150, '[') + std::string(150, ']');
  EXPECT_FALSE(ByteValidator(compiled("true")).is_valid(deep));
  const std::string fine = std::string(99, '[') + std::string(99, ']');
  EXPECT_TRUE(ByteValidator(compiled("true")).is_valid(fine));
}

}  // namespace
}  // namespace writ::contract
