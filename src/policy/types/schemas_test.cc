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

// Each of them refers twice to the one before it: two to the power of sixty places.
TEST(Schemas, AreReadOnceHoweverOftenTheyAreReferredTo) {
  std::string defs = R"("a0": {"type": "number"})";
  std::string nested = R"({"type": "null"})";
  for (int i = 1; i <= 60; ++i) {
    const std::string before = R"({"$ref": "#/$defs/a)" + std::to_string(i - 1) + "\"}";
    defs += ", \"a" + std::to_string(i) + R"(": {"items": [)" + before + ", " + before + "]}";
    nested = R"({"type": ["array", "array"], "items": )" + nested + "}";
  }
  const auto of = [&](const char* name) {
    return type(
        (R"({"$ref": "#/$defs/)" + std::string(name) + R"(", "$defs": {)" + defs + "}}").c_str());
  };
  EXPECT_EQ(of("a2"), "array<array<number, number>, array<number, number>>");
  EXPECT_EQ(of("a12"), "array[any]");
  EXPECT_EQ(of("a13"), "array<array[any], array[any]>");
  EXPECT_TRUE(of("a60").starts_with("array<array<array<")) << of("a60");
  EXPECT_TRUE(type(nested.c_str()).ends_with("array[array[null" + std::string(60, ']')));
}

std::string properties(int first, int last) {
  std::string out = R"({"properties": {)";
  for (int i = first; i < last; ++i) {
    out += (i > first ? ", \"p" : "\"p") + std::to_string(i) + R"(": {"type": "number"})";
  }
  return out + "}}";
}

// What is too large for a type says nothing, and nothing is left out because of it.
TEST(Schemas, ThatAreTooLargeRefuseNothing) {
  const std::string large = properties(0, 5000);
  const std::string small = properties(0, 1);
  EXPECT_EQ(type(large.c_str()), "object[any: any]");
  EXPECT_EQ(type((R"({"allOf": [)" + large + ", " + small + "]}").c_str()), "object[any: any]");
  EXPECT_EQ(type((R"({"allOf": [)" + small + ", " + large + "]}").c_str()), "object[any: any]");
  std::string core = large;
  core.insert(1, R"("anyOf": [{"type": "string"}], )");
  EXPECT_EQ(type(core.c_str()), "any<string, object[any: any]>");
  std::string any_of;
  for (int i = 0; i < 40; ++i) any_of += (i > 0 ? ", " : "") + properties(i, i + 1);
  EXPECT_EQ(type((R"({"allOf": [{"anyOf": [)" + any_of + "]}, " + small + "]}").c_str()), "any");
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

std::string query_problem(std::shared_ptr<const Program> program, std::string_view query) {
  const auto compiled = compile_query(std::move(program), query);
  return compiled ? "" : to_text(compiled.error());
}

// A program knows its schemas when nobody else does any more.
TEST(Schemas, AreNotNeededOnceAProgramIsCompiled) {
  auto schemas = std::make_unique<Schemas>();
  schemas->put({}, parse_json(schemas->arena(),
                              R"({"properties": {"a_name_of_some_length": {"type": "number"}}})")
                       .value());
  std::vector<ast::Module> modules;
  modules.push_back(
      parse_module("p.rego",
                   "package a\n# METADATA\n# schemas:\n"
                   "# - input.another_name_of_some_length: {type: string}\np := input\n")
          .value());
  const auto program = compile(std::move(modules), {}, {.schemas = schemas.get()});
  ASSERT_TRUE(program) << to_text(program.error());
  schemas.reset();
  EXPECT_TRUE(query_problem(*program, "input.x == 1")
                  .ends_with("want (one of): [\"a_name_of_some_length\"]"))
      << query_problem(*program, "input.x == 1");
  EXPECT_TRUE(query_problem(*program, "data.a.p.x == 1")
                  .ends_with("want (one of): [\"a_name_of_some_length\" "
                             "\"another_name_of_some_length\"]"))
      << query_problem(*program, "data.a.p.x == 1");
}

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

// From the packages around it to the rule: the nearest has the last word.
TEST_F(SchemaAnnotations, AreAppliedFromTheOutsideIn) {
  const auto module = [](const char* file, const std::string& text) {
    return parse_module(file, text).value();
  };
  const std::string of_input = "# schemas:\n# - input.";
  std::vector<ast::Module> modules;
  modules.push_back(
      module("0.rego", "# METADATA\n# scope: subpackages\n" + of_input +
                           "a: {type: number}\n# - input.b: {type: number}\npackage x"));
  modules.push_back(module("1.rego", "# METADATA\n# scope: package\n" + of_input +
                                         "b: {type: string}\npackage x.y\nq := input"));
  modules.push_back(module("2.rego", "package x.y\n# METADATA\n# scope: document\n" + of_input +
                                         "c: {type: \"null\"}\np := input if false\n"
                                         "# METADATA\n" +
                                         of_input + "c: {type: boolean}\np := input if true"));
  const auto program = compile(std::move(modules));
  ASSERT_TRUE(program) << to_text(program.error());
  const std::string refused = "1 error occurred: 1:1: rego_type_error: match error\n\tleft  : ";
  EXPECT_EQ(query_problem(*program, "data.x.y.q = 1"),
            refused + "object<a: number, b: string>[any: any]\n\tright : number");
  EXPECT_EQ(query_problem(*program, "data.x.y.p = 1"),
            refused +
                "any<object<a: number, b: string, c: null>[any: any], "
                "object<a: number, b: string, c: boolean>[any: any]>\n\tright : number");
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
