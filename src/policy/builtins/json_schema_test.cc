#include <gtest/gtest.h>

#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

std::string match(std::string_view document, std::string_view schema) {
  return BuiltinCall().text("json.match_schema",
                            "[" + std::string(document) + "," + std::string(schema) + "]");
}

// The findings of a document that does not match: "field | type | error", one a line.
std::string findings(std::string_view document, std::string_view schema) {
  BuiltinCall call;
  const auto args =
      parse_json(call.arena(), "[" + std::string(document) + "," + std::string(schema) + "]");
  const BuiltinEntry* entry = BuiltinTable::standard().find("json.match_schema");
  Call one(*entry->row, args->items(), call.env());
  const Outcome outcome = invoke(*entry, one);
  if (outcome.failed()) return one.problem().message;
  std::string out;
  for (const Term& finding : outcome.value().items()[1].items()) {
    out += std::string(finding.find("field")->text()) + " | " +
           std::string(finding.find("type")->text()) + " | " +
           std::string(finding.find("error")->text()) + "\n";
  }
  return out;
}

TEST(JsonSchemaBuiltins, MatchDocuments) {
  constexpr std::string_view kSchema =
      R"({"properties": {"id": {"type": "integer"}}, "required": ["id"]})";
  EXPECT_EQ(match(R"({"id": 5})", kSchema), "[true, []]");
  EXPECT_EQ(match(R"("{\"id\": 5}")", kSchema), "[true, []]");
  EXPECT_EQ(match(R"({"id": "foo"})", kSchema),
            R"([false, [{"desc": "Invalid type. Expected: integer, given: string", )"
            R"("error": "id: Invalid type. Expected: integer, given: string", )"
            R"("field": "id", "type": "invalid_type"}]])");
  EXPECT_EQ(findings("{}", kSchema), "(root) | required | (root): id is required\n");
}

TEST(JsonSchemaBuiltins, SpeakAsGojsonschema) {
  struct Case {
    const char* document;
    const char* schema;
    const char* want;
  };
  constexpr Case kCases[] = {
      {R"({"a": [1]})", R"({"properties": {"a": {"minItems": 2}}})",
       "a | array_min_items | a: Array must have at least 2 items\n"},
      {R"({"a": {"b": "x"}})", R"({"properties": {"a": {"properties": {"b": {"pattern": "^y"}}}}})",
       "a.b | pattern | a.b: Does not match pattern '^y'\n"},
      {R"({"a": 1})", R"({"properties": {"a": {"minimum": 3}}})",
       "a | number_gte | a: Must be greater than or equal to 3\n"},
      {R"({"a": 1})", R"({"additionalProperties": false})",
       "(root) | additional_property_not_allowed | (root): Additional property a is not "
       "allowed\n"},
      {R"({"a": 1})", R"({"properties": {"a": {"enum": ["x", 2]}}})",
       "a | enum | a: a must be one of the following: \"x\", 2\n"},
      {R"({})", R"({"minProperties": 1})",
       "(root) | array_min_properties | (root): Must have at least 1 properties\n"},
      {R"({"a": 3})",
       R"({"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://x.example/s",
           "properties": {"a": {"minimum": 3, "exclusiveMinimum": true}}})",
       "a | number_gt | a: Must be greater than 3\n"},
  };
  for (const Case& c : kCases) EXPECT_EQ(findings(c.document, c.schema), c.want) << c.schema;
}

TEST(JsonSchemaBuiltins, RefuseWhatIsNoSchema) {
  constexpr std::string_view kWrong =
      "has a primitive type that is NOT VALID -- given: /unknown/ Expected valid values are:[array "
      "boolean integer number null object string]";
  EXPECT_EQ(match("{}", R"({"properties": {"id": {"type": "unknown"}}})"),
            "error: json.match_schema: " + std::string(kWrong));
  BuiltinCall call;
  EXPECT_EQ(call.text("json.verify_schema", R"([{"type": "boolean"}])"), "[true, null]");
  EXPECT_EQ(call.text("json.verify_schema", R"(["{\"type\": \"boolean\"}"])"), "[true, null]");
  EXPECT_EQ(call.text("json.verify_schema", R"([{"type": "unknown"}])"),
            "[false, \"jsonschema: " + std::string(kWrong) + "\"]");
  EXPECT_EQ(call.text("json.verify_schema", R"(["{"])"),
            R"([false, "jsonschema: invalid JSON string"])");
  // A property may be called like a keyword, and nothing is fetched.
  EXPECT_EQ(call.text("json.verify_schema", R"([{"properties": {"type": {"type": "string"}}}])"),
            "[true, null]");
  EXPECT_TRUE(call.text("json.verify_schema", R"([{"$ref": "http://remote.example/s"}])")
                  .starts_with("[false, "));
  EXPECT_EQ(match(R"("{")", "{}"), "error: json.match_schema: invalid JSON string");
}

}  // namespace
}  // namespace writ::rego
