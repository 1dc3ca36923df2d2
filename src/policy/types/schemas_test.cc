#include "policy/types/schemas.h"

#include <gtest/gtest.h>

#include "policy/compile/check_options.h"
#include "policy/parse/parser.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::rego::types {
namespace {

std::string type(const char* schema) {
  Arena arena;
  TypePool pool;
  const auto out = type_of_schema(pool, parse_json(arena, schema).value());
  return out ? to_text(*out) : out.error();
}

std::string problem(const std::string& rules, const Schemas* schemas) {
  std::vector<ast::Module> modules;
  modules.push_back(parse_module("p.rego", "package a\n" + rules).value());
  const auto program = compile(std::move(modules), {}, {.schemas = schemas});
  return program ? "" : to_text(program.error());
}

TEST(Schemas, BecomeTypes) {
  EXPECT_EQ(type(R"({"type": "integer"})"), "number");
  EXPECT_EQ(type(R"({"type": ["string", "null"]})"), "any<null, string>");
  EXPECT_EQ(type("{}"), "any");
  EXPECT_EQ(type("true"), "any");
  EXPECT_EQ(type(R"({"type": "object"})"), "object[any: any]");
  EXPECT_EQ(type(R"({"properties": {"b": {"type": "string"}, "a": {"type": "boolean"}}})"),
            "object<a: boolean, b: string>");
  EXPECT_EQ(type(R"({"type": "array", "items": {"type": "number"}})"), "array[number]");
  EXPECT_EQ(type(R"({"items": [{"type": "number"}, {"type": "string"}]})"),
            "array<number, string>");
}

TEST(Schemas, AreJoinedAndReferredTo) {
  EXPECT_EQ(type(R"({"anyOf": [{"type": "string"}, {"type": "number"}]})"), "any<number, string>");
  EXPECT_EQ(type(R"({"allOf": [{"properties": {"a": {"type": "string"}}},
                               {"properties": {"b": {"type": "number"}}}]})"),
            "object<a: string, b: number>");
  EXPECT_EQ(type(R"({"allOf": [{"type": "string"}, {"type": "number"}]})"),
            "type checking: unable to merge these schemas");
  EXPECT_EQ(type(R"({"properties": {"next": {"$ref": "#"}, "n": {"$ref": "#/$defs/a~1b"}},
                     "$defs": {"a/b": {"type": "number"}}})"),
            "object<n: number, next: object<n: number, next: any>>");
  EXPECT_EQ(type(R"({"$ref": "#/none"})"), "unable to compile the schema: no schema at #/none");
  EXPECT_EQ(
      type(R"({"$ref": "http://example.com/s"})"),
      "unable to compile the schema: remote reference loading disabled: http://example.com/s");
  EXPECT_EQ(type(R"({"type": "text"})"),
            "unable to compile the schema: has a type that is NOT VALID");
}

TEST(Schemas, OverrideWhatStandsBelowAPlace) {
  TypePool pool;
  const std::vector<Term> path = {borrow_string("a"), borrow_string("b")};
  EXPECT_EQ(to_text(overridden(pool, nullptr, path, number())),
            "object<a: object<b: number>[any: any]>[any: any]");
  const Type known = pool.declared(parse_type("object<a: object<b: string, c: null>>"));
  EXPECT_EQ(to_text(overridden(pool, known, path, number())),
            "object<a: object<b: number, c: null>>");
  EXPECT_EQ(to_text(overridden(pool, known, {}, number())), "number");
}

class SchemaAnnotations : public ::testing::Test {
 protected:
  SchemaAnnotations() {
    schemas_.put({"user"}, json(R"({"properties": {"name": {"type": "string"}}})"));
  }
  Term json(const char* text) { return parse_json(schemas_.arena(), text).value(); }

  Schemas schemas_;
};

constexpr std::string_view kNoSuchName =
    "rego_type_error: undefined ref: input.nam\n\tinput.nam\n\t      ^\n\t      have: \"nam\"\n\t"
    "      want (one of): [\"name\"]";

TEST_F(SchemaAnnotations, HoldForTheirRuleAlone) {
  const std::string rules =
      "# METADATA\n# schemas:\n# - input: schema.user\np if input.nam\nq if input.nam\n";
  EXPECT_EQ(problem(rules, &schemas_), "1 error occurred: p.rego:5: " + std::string(kNoSuchName));
  EXPECT_EQ(problem(rules, nullptr), "");
}

TEST_F(SchemaAnnotations, OfADocumentHoldForAllItsRules) {
  EXPECT_EQ(problem("# METADATA\n# scope: document\n# schemas:\n# - input: schema[\"user\"]\n"
                    "p if input.name\np if input.nam\nq if input.nam\n",
                    &schemas_),
            "1 error occurred: p.rego:7: " + std::string(kNoSuchName));
}

TEST_F(SchemaAnnotations, MayDefineWhatTheyMean) {
  EXPECT_EQ(problem("# METADATA\n# schemas:\n# - input.a.b: {type: string}\n"
                    "p if { input.a.c; input.a.b + 1 }\n",
                    nullptr),
            "1 error occurred: p.rego:5: rego_type_error: plus: invalid argument(s)\n\t"
            "have: (string, number)\n\twant: (x: number, y: number, z: number)");
}

TEST_F(SchemaAnnotations, SayWhatDataIs) {
  EXPECT_EQ(problem("# METADATA\n# schemas:\n# - data.acl: schema.user\n"
                    "p if { data.acl.name == q; data.other.x }\nq := 1\n",
                    &schemas_),
            "1 error occurred: p.rego:5: rego_type_error: match error\n\tleft  : string\n\t"
            "right : number");
}

TEST_F(SchemaAnnotations, NameSchemasThatAreThere) {
  EXPECT_EQ(problem("# METADATA\n# schemas:\n# - input: schema.none\np if input.x\n", &schemas_),
            "1 error occurred: p.rego:5: rego_type_error: undefined schema: schema.none");
}

TEST_F(SchemaAnnotations, StandBesideASchemaOfAllInput) {
  schemas_.put({}, json(R"({"properties": {"name": {"type": "string"}}})"));
  EXPECT_EQ(problem("p if input.nam\n# METADATA\n# schemas:\n# - input.nam: {type: string}\n"
                    "q if input.nam\n",
                    &schemas_),
            "1 error occurred: p.rego:2: " + std::string(kNoSuchName));
}

}  // namespace
}  // namespace writ::rego::types
