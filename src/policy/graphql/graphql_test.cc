#include <gtest/gtest.h>

#include "policy/graphql/lexer.h"
#include "policy/testing/call_builtin.h"

namespace writ::rego::graphql {
namespace {

using rego::testing::BuiltinCall;

constexpr std::string_view kSchema = R"(
  interface Named { name: String! }
  type Dog implements Named { name: String! barks(loud: Boolean = false): Int owner: Person }
  type Cat implements Named { name: String! lives: Int }
  type Person { id: ID! pets: [Pet!] }
  union Pet = Dog | Cat
  enum Size { SMALL LARGE }
  input Filter { size: Size!, limit: Int = 3, more: [Filter!] }
  type Query { dog: Dog named: Named pet: Pet find(by: Filter!): [Person!]! count(n: Int): Int }
  type Subscription { a: Int b: Int }
)";

std::string rego_text(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string parse_query(std::string_view text) {
  return BuiltinCall().text("graphql.parse_query", "[" + rego_text(text) + "]");
}
std::string parse_schema(std::string_view text) {
  return BuiltinCall().text("graphql.parse_schema", "[" + rego_text(text) + "]");
}
std::string schema_is_valid(std::string_view text) {
  return BuiltinCall().text("graphql.schema_is_valid", "[" + rego_text(text) + "]");
}

// What is wrong with a query: the message without what surrounds it; empty if nothing is.
std::string problem(std::string_view query, std::string_view schema = kSchema) {
  const std::string out =
      BuiltinCall().text("graphql.parse", "[" + rego_text(query) + "," + rego_text(schema) + "]");
  constexpr std::string_view kStart = "error: graphql.parse: ";
  return out.starts_with(kStart) ? out.substr(kStart.size()) : std::string();
}

TEST(Graphql, QueriesBecomeObjects) {
  EXPECT_EQ(parse_query("{ a: b(x: [1, $v], y: {k: \"s\"}) @d { ...F ... on T { c } } }"),
            R"({"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "a", )"
            R"("Arguments": [{"Name": "x", "Value": {"Children": [{"Name": "", "Value": )"
            R"({"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "1"}}, {"Name": "", "Value": )"
            R"({"ExpectedTypeHasDefault": false, "Kind": 0, "Raw": "v"}}], )"
            R"("ExpectedTypeHasDefault": false, "Kind": 8, "Raw": ""}}, {"Name": "y", "Value": )"
            R"({"Children": [{"Name": "k", "Value": {"ExpectedTypeHasDefault": false, "Kind": 3, )"
            R"("Raw": "s"}}], "ExpectedTypeHasDefault": false, "Kind": 9, "Raw": ""}}], )"
            R"("Directives": [{"Location": "", "Name": "d"}], "Name": "b", "SelectionSet": )"
            R"([{"Name": "F"}, {"SelectionSet": [{"Alias": "c", "Name": "c"}], )"
            R"("TypeCondition": "T"}]}]}]})");
  EXPECT_EQ(parse_query("query Q($a: [Int!]! = [1]) { f }").substr(0, 60),
            R"({"Operations": [{"Name": "Q", "Operation": "query", "Selecti)");
  EXPECT_EQ(parse_query(""), "{}");
}

TEST(Graphql, SchemasBecomeObjects) {
  EXPECT_EQ(parse_schema("\"D\" enum E { A @x B }"),
            R"({"Definitions": [{"BuiltIn": false, "Description": "D", "EnumValues": )"
            R"([{"Description": "", "Directives": [{"Location": "", "Name": "x"}], "Name": "A"}, )"
            R"({"Description": "", "Name": "B"}], "Kind": "ENUM", "Name": "E"}]})");
  EXPECT_EQ(parse_schema("extend schema @d { query: Q }"),
            R"({"SchemaExtension": [{"Description": "", "Directives": [{"Location": "", "Name": )"
            R"("d"}], "OperationTypes": [{"Operation": "query", "Type": "Q"}]}]})");
  EXPECT_EQ(parse_schema("directive @foo(a: Int) repeatable on | FIELD | QUERY"),
            R"({"Directives": [{"Arguments": [{"Description": "", "Name": "a", "Type": )"
            R"({"NamedType": "Int", "NonNull": false}}], "Description": "", "IsRepeatable": true, )"
            R"("Locations": ["FIELD", "QUERY"], "Name": "foo"}]})");
}

TEST(Graphql, SyntaxErrorsHaveTheirPlace) {
  struct Case {
    const char* text;
    const char* want;
  };
  constexpr Case kQueries[] = {
      {"{", "Expected Name, found <EOF> in GraphQL string at location 1:2"},
      {"\n  fragment x y", "Expected \"on\", found Name \"y\" in GraphQL string at location 2:14"},
      {"nothing", "Unexpected Name \"nothing\" in GraphQL string at location 1:1"},
      {"{ f(a: 1.) }", "Unexpected <Invalid> in GraphQL string at location 1:10"},
      {"{}", "expected at least one definition, found } in GraphQL string at location 1:2"},
      {"query ($a: Int = $b) { f }", "Unexpected $ in GraphQL string at location 1:18"},
  };
  for (const Case& c : kQueries) {
    EXPECT_EQ(parse_query(c.text), "error: graphql.parse_query: " + std::string(c.want));
  }
  constexpr Case kSchemas[] = {
      {"type A {}", "expected at least one definition, found } in GraphQL string at location 1:9"},
      {"extend type A", "Unexpected <EOF> in GraphQL string at location 1:14"},
      {"union A = | | B", "Expected Name, found | in GraphQL string at location 1:13"},
      {"\n  \"Text\" extend type A { b: C }",
       "Unexpected String \"Text\" in GraphQL string at location 2:4"},
  };
  for (const Case& c : kSchemas) {
    EXPECT_EQ(parse_schema(c.text), "error: graphql.parse_schema: " + std::string(c.want));
  }
  const std::string deep(5000, '{');
  EXPECT_TRUE(parse_query(deep).starts_with("error: graphql.parse_query: "));
  EXPECT_TRUE(parse_query("{ f(a: " + std::string(5000, '[')).starts_with("error: "));
}

TEST(Graphql, SchemasMustHoldTogether) {
  EXPECT_EQ(schema_is_valid(kSchema), "true");
  EXPECT_EQ(schema_is_valid("type A { b: C }"), "false");
  EXPECT_EQ(schema_is_valid("scalar A scalar A"), "false");
  EXPECT_EQ(schema_is_valid("interface I { a: Int } type T implements I { b: Int }"), "false");
  EXPECT_EQ(schema_is_valid("interface I { a: I } type T implements I { a: T }"), "true");
  EXPECT_EQ(schema_is_valid("type T { a: Int a: Int }"), "false");
  EXPECT_EQ(schema_is_valid("input A { b: B! } input B { a: A! }"), "false");
  EXPECT_EQ(schema_is_valid("input A { b: B! } input B { a: A }"), "true");
  EXPECT_EQ(schema_is_valid("type T { a(b: T): Int }"), "false");
  EXPECT_EQ(schema_is_valid("type __T { a: Int }"), "false");
  EXPECT_EQ(schema_is_valid("type T @nothing { a: Int }"), "false");
  EXPECT_EQ(schema_is_valid("type T { a: Int @deprecated(why: \"\") }"), "false");
  EXPECT_EQ(schema_is_valid("schema { query: Nothing }"), "false");
  EXPECT_EQ(schema_is_valid("extend type New { a: Int }"), "true");
  EXPECT_EQ(schema_is_valid("union U = Int"), "false");
}

TEST(Graphql, QueriesMustFitTheSchema) {
  struct Case {
    const char* query;
    const char* want;
  };
  constexpr Case kCases[] = {
      {"{ dog { name barks(loud: true) } }", ""},
      {"{ __schema { types { name } } pet { __typename } }", ""},
      {"query Q($f: Filter!) { find(by: $f) { id } }", ""},
      {"query Q($s: Size!) { find(by: {size: $s, limit: 2}) { id } }", ""},
      {"{ pet { ... on Dog { barks } ...C } } fragment C on Cat { lives }", ""},
      {"{ dog { bark } }",
       "Cannot query field \"bark\" on type \"Dog\". Did you mean \"barks\"? in GraphQL string at "
       "location 1:9"},
      {"{ named { lives } }",
       "Cannot query field \"lives\" on type \"Named\". Did you mean to use an inline fragment on "
       "\"Cat\"? in GraphQL string at location 1:11"},
      {"{ dog }",
       "Field \"dog\" of type \"Dog\" must have a selection of subfields. Did you mean \"dog { ... "
       "}\"? in GraphQL string at location 1:3"},
      {"{ find { id } }",
       "Field \"find\" argument \"by\" of type \"Filter!\" is required, but it was not provided in "
       "GraphQL string at location 1:3"},
      {"{ count(m: 1) }",
       "Unknown argument \"m\" on field \"Query.count\". Did you mean \"n\"? in GraphQL string at "
       "location 1:3"},
      {"{ count(n: \"1\") }",
       "Int cannot represent non-integer value: \"1\" in GraphQL string at location 1:13"},
      {"{ count(n: 3000000000) }", ""},
      {"{ find(by: {size: HUGE}) { id } }",
       "Value \"HUGE\" does not exist in \"Size!\" enum in GraphQL string at location 1:19"},
      {"query Q($n: Int) { count }",
       "Variable \"$n\" is never used in operation \"Q\" in GraphQL string at location 1:9"},
      {"{ count(n: $n) }", "Variable \"$n\" is not defined in GraphQL string at location 1:12"},
      {"query ($n: String) { count(n: $n) }",
       "Variable \"$n\" of type \"String\" used in position expecting type \"Int\" in GraphQL "
       "string at location 1:31"},
      {"{ dog { ...F } }", "Unknown fragment \"F\" in GraphQL string at location 1:12"},
      {"{ dog { ...F } } fragment F on Dog { ...F }",
       "Cannot spread fragment \"F\" within itself in GraphQL string at location 1:41"},
      {"{ dog { ... on Cat { lives } } }",
       "Fragment cannot be spread here as objects of type \"Dog\" can never be of type \"Cat\" in "
       "GraphQL string at location 1:13"},
      {"{ dog { a: name a: barks } }",
       "Fields \"a\" conflict because \"name\" and \"barks\" are different fields. Use different "
       "aliases on the fields to fetch both if this was intentional in GraphQL string at location "
       "1:17"},
      {"{ dog @nothing { name } }",
       "Unknown directive \"@nothing\" in GraphQL string at location 1:8"},
      {"subscription S { a b }",
       "Subscription \"S\" must select only one top level field in GraphQL string at location "
       "1:20"},
      {"mutation { x }",
       "Schema does not support operation type \"mutation\" in GraphQL string at location 1:1"},
  };
  for (const Case& c : kCases) EXPECT_EQ(problem(c.query), c.want) << c.query;
}

TEST(Graphql, ComparingFieldsIsBounded) {
  // Each fragment spreads the next twice: without a bound the work doubles with each.
  std::string query = "{ dog { ...F0 } }";
  for (int i = 0; i < 40; ++i) {
    const std::string next = "...F" + std::to_string(i + 1);
    query += " fragment F" + std::to_string(i) + " on Dog { owner { pets { ... on Dog { " + next +
             " } ... on Dog { a: name " + next + " } } } }";
  }
  query += " fragment F40 on Dog { name }";
  EXPECT_EQ(BuiltinCall().text("graphql.parse_query", "[" + rego_text(query) + "]").substr(0, 2),
            "{\"");
  EXPECT_EQ(problem(query), "");
}

TEST(Graphql, DocumentsComeBackIn) {
  BuiltinCall call;
  const auto as_json = [&](const std::string& name, std::string_view text) {
    const BuiltinEntry* entry = BuiltinTable::standard().find(name);
    const Term args[] = {make_string(call.arena(), text)};
    Call one(*entry->row, args, call.env());
    return to_json(invoke(*entry, one).value());
  };
  const std::string schema = as_json("graphql.parse_schema", kSchema);
  const std::string good = as_json("graphql.parse_query", "{ dog { name } }");
  const std::string bad = as_json("graphql.parse_query", "{ dog { nothing } }");
  EXPECT_EQ(call.text("graphql.is_valid", "[" + good + "," + schema + "]"), "true");
  EXPECT_EQ(call.text("graphql.is_valid", "[" + bad + "," + schema + "]"), "false");
  EXPECT_EQ(call.text("graphql.is_valid", "[1, 2]"), "false");
  EXPECT_EQ(call.text("graphql.is_valid", R"([{"Operations": 7}, {"Definitions": [1, null]}])"),
            "false");
  EXPECT_EQ(call.text("graphql.parse_and_verify", "[1, 2]"), "[false, {}, {}]");
  EXPECT_EQ(call.text("graphql.parse", "[1, 2]"),
            "type error: graphql.parse: operand 1 must be one of {string, object} but got number");
}

TEST(GraphqlLexer, ReadsBlockStringsWithoutTheirIndentation) {
  Lexer lexer("\"\"\"\n    a\n      b\n\n    c\\\"\"\"\n  \"\"\" # rest\n \"\\u00e9\\n\" -1.5e3");
  EXPECT_EQ(lexer.next().value, "a\n  b\n\nc\"\"\"");
  EXPECT_EQ(lexer.next().value, "é\n");
  const Token number = lexer.next();
  EXPECT_EQ(number.kind, TokenKind::real);
  EXPECT_EQ(number.value, "-1.5e3");
  EXPECT_EQ(lexer.next().kind, TokenKind::end);
}

}  // namespace
}  // namespace writ::rego::graphql
