#include "contract/schema.h"

#include <gtest/gtest.h>

#include "base/document.h"
#include "base/json.h"

namespace writ::contract {
namespace {

Schema compiled(std::string_view text, const SchemaOptions& options = {}) {
  auto schema = Schema::compile(*parse_json(text), options);
  EXPECT_TRUE(schema.has_value()) << text << (schema ? "" : schema.error().text());
  return *schema;
}

ValidationResult validate(std::string_view schema, std::string_view instance) {
  return compiled(schema).validate(*parse_json(instance));
}

// The messages, each with its pointer.
std::vector<std::string> messages(const ValidationResult& result) {
  std::vector<std::string> all;
  for (const Violation& v : result.violations) all.push_back(v.instance + ": " + v.message);
  return all;
}

using Messages = std::vector<std::string>;

TEST(Schema, ReportsEveryViolationWithPointerKeywordAndPlace) {
  const auto result = validate(
      R"({"$id": "https://a.b/c", "properties": {"n": {"type": "integer", "minimum": 3},
          "s": {"type": "string"}}, "required": ["s", "t"]})",
      "{\"n\": 1,\n \"s\": true}");
  ASSERT_EQ(result.violations.size(), 3u);
  EXPECT_EQ(messages(result), (Messages{": `t` is missing", "/n: `n` must be at least 3, is 1",
                                        "/s: `s` must be string, is boolean true"}));
  const Violation& last = result.violations[2];
  EXPECT_EQ(last.keyword, "type");
  EXPECT_EQ(last.schema, "https://a.b/c#/properties/s/type");
  EXPECT_EQ(last.expected, "string");
  EXPECT_EQ(last.actual, "boolean true");
  EXPECT_EQ(last.at, (Position{2, 7}));
}

TEST(Schema, SuggestsTheKeyThatWasMeantAndPointsAtTheKey) {
  const auto result =
      validate(R"({"properties": {"steps": {}, "module": {}}, "additionalProperties": false})",
               "{\"module\": 1,\n  \"stpes\": 2}");
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].message, "unknown key `stpes` (did you mean `steps`?)");
  EXPECT_EQ(result.violations[0].remedy, "Write `steps`, or remove it");
  EXPECT_EQ(result.violations[0].at, (Position{2, 3}));
}

TEST(Schema, KnowsTheKeysOfAllAlternativesWhereUnevaluatedOnesAreRefused) {
  const auto result = validate(
      R"({"properties": {"id": {}}, "unevaluatedProperties": false,
          "oneOf": [{"required": ["run"], "properties": {"run": {"type": "string"}}},
                    {"required": ["check"], "properties": {"check": {"type": "string"}}}]})",
      R"({"id": 1, "rnu": "x"})");
  EXPECT_EQ(messages(result), (Messages{": the document needs one of `run`, `check`",
                                        "/rnu: unknown key `rnu` (did you mean `run`?)"}));
}

TEST(Schema, ReportsTheAlternativeThatWasMeant) {
  constexpr std::string_view kSchema =
      R"({"oneOf": [{"properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}},
                    {"properties": {"kind": {"const": "b"}, "y": {"type": "integer"}},
                     "required": ["y"]}]})";
  EXPECT_EQ(messages(validate(kSchema, R"({"kind": "b", "y": "1"})")),
            (Messages{"/y: `y` must be integer, is string \"1\""}));
  EXPECT_EQ(messages(validate(kSchema, R"({"kind": "c", "y": 1})")),
            (Messages{"/kind: `kind` must be \"a\" or \"b\", is \"c\""}));
}

TEST(Schema, JoinsAlternativesThatDifferInTypeAlone) {
  const auto result = validate(R"({"anyOf": [{"type": "string"}, {"type": "array"}]})", "3");
  EXPECT_EQ(messages(result), (Messages{": the document must be string or array, is integer 3"}));
}

TEST(Schema, UsesTheSchemasOwnWordsAsRemedy) {
  const auto result = validate(
      R"({"properties": {"t": {"pattern": "^[0-9]+s$", "description": "A time like 5s"}}})",
      R"({"t": "five"})");
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].remedy, "A time like 5s");
}

TEST(Schema, StopsCountingAtTheLimit) {
  SchemaOptions options;
  options.limits.violations = 2;
  const auto result =
      compiled(R"({"items": {"type": "string"}})", options).validate(*parse_json("[1, 2, 3]"));
  EXPECT_EQ(result.violations.size(), 2u);
  EXPECT_TRUE(result.more);
}

TEST(Schema, RefusesDefectsWithTheirPositions) {
  const auto document = parse_document(
      "s.json", "{\"type\": \"strin\",\n \"minLength\": -1,\n \"$ref\": \"#/nope\"}");
  const auto schema = Schema::compile(*document);
  ASSERT_FALSE(schema.has_value());
  ASSERT_EQ(schema.error().diagnostics.size(), 3u);
  EXPECT_EQ(schema.error().code, Code::invalid_input);
  EXPECT_EQ(schema.error().diagnostics[0].file, "s.json");
  EXPECT_EQ(schema.error().diagnostics[1].message, "`minLength` must be an integer of at least 0");
  EXPECT_EQ(schema.error().diagnostics[1].at, (Position{2, 15}));
  EXPECT_EQ(schema.error().diagnostics[2].at.line, 3u);
}

TEST(Schema, RefusesASchemaThatLeadsToItselfWithoutDescending) {
  for (const std::string_view text :
       {R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#"}}})",
        R"({"if": {"$ref": "#"}})"}) {
    const auto schema = Schema::compile(*parse_json(text));
    ASSERT_FALSE(schema.has_value()) << text;
    EXPECT_NE(schema.error().diagnostics[0].message.find("refers to itself"), std::string::npos);
  }
  EXPECT_TRUE(Schema::compile(*parse_json(R"({"items": {"$ref": "#"}})")).has_value());
}

TEST(Schema, GivesUpOnSchemasThatFanOutWithoutEnd) {
  std::string text = "{\"$defs\": {\"s0\": {\"type\": \"integer\"}";
  for (int i = 1; i < 40; ++i) {
    const std::string below = "{\"$ref\": \"#/$defs/s" + std::to_string(i - 1) + "\"}";
    text += ",\"s" + std::to_string(i) + "\": {\"allOf\": [" + below + "," + below + "]}";
  }
  text += "}, \"$ref\": \"#/$defs/s39\"}";
  SchemaOptions options;
  options.limits.steps = 100'000;
  const auto result = compiled(text, options).validate(Value(1));
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_NE(result.violations[0].message.find("too many steps"), std::string::npos);
}

TEST(Schema, GivesUpOnSchemasThatNestTooDeeply) {
  std::string text = "{\"$defs\": {\"s0\": true";
  for (int i = 1; i < 3000; ++i) {
    text += ",\"s" + std::to_string(i) +
            "\": {\"title\": \"t\", \"allOf\": [{\"$ref\": \"#/$defs/s" + std::to_string(i - 1) +
            "\"}, {\"type\": \"integer\"}]}";
  }
  const Schema schema = compiled(text + "}, \"$ref\": \"#/$defs/s2999\"}");
  EXPECT_FALSE(schema.is_valid(Value(1)));
  ASSERT_EQ(schema.validate(Value(1)).violations.size(), 1u);
}

TEST(Schema, FollowsDynamicReferencesToTheOutermostAnchor) {
  SchemaOptions options;
  options.resolver = [](std::string_view uri) -> Result<Value> {
    EXPECT_EQ(uri, "https://a.b/tree");
    return parse_json(R"({"$id": "https://a.b/tree", "$dynamicAnchor": "node",
        "properties": {"value": true, "children": {"items": {"$dynamicRef": "#node"}}}})");
  };
  const Schema strict = compiled(R"({"$id": "https://a.b/strict", "$dynamicAnchor": "node",
      "$ref": "tree", "unevaluatedProperties": false})",
                                 options);
  EXPECT_TRUE(strict.is_valid(*parse_json(R"({"children": [{"value": 1}]})")));
  const auto result = strict.validate(*parse_json(R"({"children": [{"valeu": 1}]})"));
  EXPECT_EQ(messages(result),
            (Messages{"/children/0/valeu: unknown key `valeu` (did you mean `value`?) in "
                      "`children[0]`"}));
}

TEST(Schema, RefusesAnUnknownDialect) {
  const auto schema = Schema::compile(*parse_json(R"({"$schema": "https://a.b/other"})"));
  ASSERT_FALSE(schema.has_value());
  EXPECT_EQ(schema.error().code, Code::unsupported);
}

TEST(Schema, ReadsRemoteSchemasThroughTheResolverAlone) {
  constexpr std::string_view kSchema = R"({"$ref": "https://a.b/int.json"})";
  EXPECT_FALSE(Schema::compile(*parse_json(kSchema)).has_value());
  SchemaOptions options;
  options.resolver = [](std::string_view uri) -> Result<Value> {
    EXPECT_EQ(uri, "https://a.b/int.json");
    return parse_json(R"({"type": "integer"})");
  };
  const Schema schema = compiled(kSchema, options);
  EXPECT_TRUE(schema.is_valid(Value(1)));
  EXPECT_FALSE(schema.is_valid(Value("1")));
}

TEST(Schema, TakesTheDialectFromTheSchema) {
  constexpr std::string_view kTuple = R"({"$schema": "http://json-schema.org/draft-07/schema#",
                                          "items": [{"type": "integer"}]})";
  EXPECT_FALSE(compiled(kTuple).is_valid(*parse_json(R"(["a"])")));
  EXPECT_TRUE(compiled(R"({"$schema": "https://json-schema.org/draft/2019-09/schema",
                           "prefixItems": [false]})")
                  .is_valid(*parse_json("[1]")));
}

TEST(Schema, AssertsFormatsOnlyWhenAsked) {
  constexpr std::string_view kSchema = R"({"format": "date"})";
  EXPECT_TRUE(compiled(kSchema).is_valid(Value("yesterday")));
  SchemaOptions options;
  options.format = Format::assertion;
  EXPECT_FALSE(compiled(kSchema, options).is_valid(Value("yesterday")));
  EXPECT_TRUE(compiled(kSchema, options).is_valid(Value("2024-02-29")));
}

}  // namespace
}  // namespace writ::contract
