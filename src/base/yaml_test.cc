#include "base/yaml.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"

namespace writ {
namespace {

using namespace std::string_view_literals;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

Diagnostic problem_of(std::string_view text, const DocumentLimits& limits = {}) {
  const auto value = parse_yaml(text, "a.yaml", limits);
  EXPECT_FALSE(value) << text.substr(0, 100);
  if (value) return {};
  EXPECT_EQ(value.error().code, Code::invalid_input);
  EXPECT_EQ(value.error().diagnostics.size(), 1u);
  const Diagnostic found = value.error().diagnostics.at(0);
  EXPECT_EQ(found.file, "a.yaml");
  EXPECT_FALSE(found.remedy.empty()) << found.message;
  return found;
}

TEST(Yaml, ReadsASpec) {
  const Value spec = parse_yaml(
                         "writ: 1\n"
                         "kind: Spec\n"
                         "module: {id: orders.book}\n"
                         "steps:\n"
                         "  - run: ctest --test-dir build   # all\n"
                         "    evidence: {tests: build/junit.xml}\n"
                         "    gate: tests.failed == 0 and tests.passed >= 12\n")
                         .value();
  EXPECT_EQ(spec,
            Value(Object{
                {"writ", 1},
                {"kind", "Spec"},
                {"module", Object{{"id", "orders.book"}}},
                {"steps", Array{Object{{"run", "ctest --test-dir build"},
                                       {"evidence", Object{{"tests", "build/junit.xml"}}},
                                       {"gate", "tests.failed == 0 and tests.passed >= 12"}}}}}));
}

TEST(Yaml, KnowsWhereEverythingStands) {
  const Value root = parse_yaml(
                         "# comment\n"
                         "é: one\r\n"
                         "\"b\" :\n"
                         "  - x\n"
                         "  - {c: &n 'y', d: *n}\n"
                         "none:\n"
                         "? e\n"
                         ": |\n"
                         "  text\n")
                         .value();
  EXPECT_EQ(root.at(), (Position{2, 1}));
  const Member* member = root.as_object().begin();
  EXPECT_EQ(member->key_at, (Position{2, 1}));
  EXPECT_EQ(member->value.at(), (Position{2, 5})) << "columns count bytes";
  ++member;
  EXPECT_EQ(member->key_at, (Position{3, 1}));
  EXPECT_EQ(member->value.at(), (Position{4, 3}));
  EXPECT_EQ(member->value.as_array()[0].at(), (Position{4, 5}));
  const Value& flow = member->value.as_array()[1];
  EXPECT_EQ(flow.at(), (Position{5, 5}));
  EXPECT_EQ(flow.find("c")->at(), (Position{5, 9}));
  EXPECT_EQ(flow.find("d")->at(), (Position{5, 20})) << "an alias stands where it stands";
  ++member;
  EXPECT_EQ(member->value.at(), (Position{6, 1})) << "what is missing stands at its key";
  ++member;
  EXPECT_EQ(member->key_at, (Position{7, 3}));
  EXPECT_EQ(member->value.at(), (Position{8, 3}));
  EXPECT_EQ(member->value.as_string(), "text\n");
}

TEST(Yaml, ReadsPlainScalarsByTheCoreSchema) {
  const std::pair<std::string_view, Value> kScalars[] = {
      {"null", {}},
      {"Null", {}},
      {"NULL", {}},
      {"~", {}},
      {"''", ""},
      {"true", true},
      {"True", true},
      {"FALSE", false},
      {"tRUE", "tRUE"},
      {"yes", "yes"},
      {"No", "No"},
      {"on", "on"},
      {"off", "off"},
      {"y", "y"},
      {"2026-01-31", "2026-01-31"},
      {"2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
      {"12:30:45", "12:30:45"},
      {"1_000", "1_000"},
      {"0", 0},
      {"-1", -1},
      {"+12", 12},
      {"007", 7},
      {"0o17", 15},
      {"0x1F", 31},
      {"-0x1F", "-0x1F"},
      {"0o8", "0o8"},
      {"0x", "0x"},
      {"0b11", "0b11"},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"9223372036854775808", 0x1p63},
      {"0xFFFFFFFFFFFFFFFF", 0x1p64},
      {"1.5", 1.5},
      {"+1.5", 1.5},
      {"-.5", -0.5},
      {"5.", 5.0},
      {"1e3", 1000.0},
      {"1.e-2", 0.01},
      {"1e", "1e"},
      {".", "."},
      {"-.", "-."},
      {".e1", ".e1"},
      {"1.2.3", "1.2.3"},
      {"1e400x", "1e400x"},
      {"1e-400", 0.0},
      {"'1'", "1"},
      {"\"true\"", "true"},
      {"'null'", "null"},
      {"a b", "a b"},
      {"a#b", "a#b"},
      {"@x"sv.substr(1), "x"},
  };
  for (const auto& [text, value] : kScalars) {
    const auto read = parse_yaml("a: " + std::string(text));
    ASSERT_TRUE(read) << text << read.error().text();
    EXPECT_EQ(*read->find("a"), value) << text;
    EXPECT_EQ(read->find("a")->kind(), value.kind()) << text;
  }
}

TEST(Yaml, ReadsTextsOverSeveralLines) {
  EXPECT_EQ(parse_yaml("|\n  a\n   b\n\n  c\n").value(), Value("a\n b\n\nc\n"));
  EXPECT_EQ(parse_yaml("|-\n  a\n").value(), Value("a"));
  EXPECT_EQ(parse_yaml("|+\n  a\n\n").value(), Value("a\n\n"));
  EXPECT_EQ(parse_yaml(">\n  a\n  b\n\n  c\n").value(), Value("a b\nc\n"));
  EXPECT_EQ(parse_yaml("a: b\n  c\n").value(), Value(Object{{"a", "b c"}}));
  EXPECT_EQ(parse_yaml("\"a\\\n  b\\u00e9\\x41\\0\"").value(), Value("abéA\0"sv));
}

TEST(Yaml, ReadsTheFormsOfCollections) {
  EXPECT_EQ(parse_yaml("- - 1\n  - 2\n- []\n- {}\n").value(),
            Value(Array{Array{1, 2}, Array{}, Object{}}));
  EXPECT_EQ(parse_yaml("a:\n- 1\n- 2\nb:\n  c:\n    d: 3\n").value(),
            Value(Object{{"a", Array{1, 2}}, {"b", Object{{"c", Object{{"d", 3}}}}}}));
  EXPECT_EQ(parse_yaml("[a, b: c, {d, e: }, ]").value(),
            Value(Array{"a", Object{{"b", "c"}}, Object{{"d", Value()}, {"e", Value()}}}));
  EXPECT_EQ(parse_yaml("--- [1]\n...\n").value(), Value(Array{1}));
  EXPECT_EQ(parse_yaml("-\n- 1\n").value(), Value(Array{Value(), 1}));
  EXPECT_EQ(parse_yaml("{\"a\":1,\"b\":[true]}").value(),
            Value(Object{{"a", 1}, {"b", Array{true}}}));
}

TEST(Yaml, ExpandsAliases) {
  EXPECT_EQ(parse_yaml("a: &x {k: [1, 2]}\nb: *x\nc: [*x, &y z, *y]\n").value(),
            Value(Object{{"a", Object{{"k", Array{1, 2}}}},
                         {"b", Object{{"k", Array{1, 2}}}},
                         {"c", Array{Object{{"k", Array{1, 2}}}, "z", "z"}}}));
  EXPECT_EQ(parse_yaml("[&a 1, &a 2, *a]").value(), Value(Array{1, 2, 2})) << "the latest counts";
  EXPECT_EQ(parse_yaml("[&a , *a]").value(), Value(Array{Value(), Value()}));
  EXPECT_EQ(parse_yaml("&k key: *k").value(), Value(Object{{"key", "key"}}));
}

struct Refusal {
  std::string_view text;
  Position at;
  std::string_view message;
};

TEST(Yaml, RefusesWhatJsonCannotSay) {
  constexpr Refusal kRefusals[] = {
      {"a: !!str 1", {1, 4}, "a tag"},
      {"a: !x {b: c}", {1, 4}, "a tag"},
      {"- !<tag:x> y", {1, 3}, "a tag"},
      {"a: ! 1", {1, 4}, "a tag"},
      {"a: &x !y z", {1, 4}, "a tag"},
      {"! [1]", {1, 1}, "a tag"},
      {"a: !x", {1, 4}, "a tag"},
      {"!!null", {1, 1}, "a tag"},
      {"a: {b: 1}\nc:\n  <<: {d: 2}", {3, 3}, "a merge key `<<`"},
      {"1: a", {1, 1}, "the key `1` is a integer"},
      {"a: 1\n1.5: b", {2, 1}, "the key `1.5` is a number"},
      {"true: a", {1, 1}, "the key `true` is a boolean"},
      {"~: a", {1, 1}, "a key that is empty or null"},
      {": a", {1, 1}, "a key that is empty or null"},
      {"{a: 1,, b: 2}", {1, 7}, "a key that is empty or null"},
      {".nan: a", {1, 1}, "the key `.nan` is a number"},
      {"? [a]\n: b", {1, 3}, "a key that is no string"},
      {"? {a: b}\n: c", {1, 3}, "a key that is no string"},
      {"{[a]: b}", {1, 2}, "a key that is no string"},
      {"a: &x b\n*x : c", {2, 1}, "an alias as a key"},
      {"a: .inf", {1, 4}, "`.inf` is no finite number, which JSON lacks"},
      {"a: -.Inf", {1, 4}, "`-.Inf` is no finite number, which JSON lacks"},
      {"a: .NaN", {1, 4}, "`.NaN` is no finite number, which JSON lacks"},
      {"a: 1e400", {1, 4}, "`1e400` is too large for a double"},
      {"a: 12e4567", {1, 4}, "`12e4567` is too large for a double"},
      {"a: 0xFFFFFFFFFFFFFFFFF", {1, 4}, "`0xFFFFFFFFFFFFFFFFF` is too large for a number"},
      {"a: 1\n---\nb: 2", {2, 1}, "more text after the document"},
      {"a: 1\n...\nb: 2", {3, 1}, "more text after the document"},
      {"--- a\n---\n", {2, 1}, "more text after the document"},
      {"%YAML 1.2\n---\na: 1", {1, 1}, "a line that begins with `%`"},
      {"a: 1\n%b: 2\n", {2, 1}, "a line that begins with `%`"},
      {"", {1, 1}, "the document is empty"},
      {"# nothing\n", {1, 1}, "the document is empty"},
      {"a: 1\nb: 2\na: 3", {3, 1}, "the key `a` stands at line 1, column 1 already"},
      {"{a: 1, \"a\": 2}", {1, 8}, "the key `a` stands at line 1, column 2 already"},
      {"a: \"\\N\"", {1, 4}, "a text with the escape \\N or \\_"},
  };
  for (const Refusal& refusal : kRefusals) {
    const Diagnostic found = problem_of(refusal.text);
    EXPECT_EQ(found.message, refusal.message) << refusal.text;
    EXPECT_EQ(found.at, refusal.at) << refusal.text;
  }
}

TEST(Yaml, ExplainsMalformedText) {
  constexpr Refusal kRefusals[] = {
      {"a: [1, 2", {1, 9}, "the bracket of line 1, column 4 is not closed, or a comma is missing"},
      {"a: {b: 1", {1, 9}, "the bracket of line 1, column 4 is not closed, or a comma is missing"},
      {"a: {\n  b: [1\n}", {3, 1}, "a closing bracket that nothing opened"},
      {"[\n 1 2,\n \"3\" 4]",
       {3, 6},
       "the bracket of line 1, column 1 is not closed, or a comma is missing"},
      {"a: [1, , 2]", {1, 8}, "an empty item"},
      {"[,]", {1, 2}, "an empty item"},
      {"a: 1\n  b: 2", {2, 4}, "`: ` where no value may stand"},
      {"a: b: c", {1, 5}, "`: ` where no value may stand"},
      {"a:\n    b: 1\n  c: 2", {3, 3}, "this does not go on with the mapping above"},
      {"  a: 1\n b: 2", {2, 2}, "more text after the document"},
      {"- a\nb", {2, 1}, "more text after the document"},
      {"a:\n  - b\n  c: d", {3, 3}, "this does not go on with the mapping above"},
      {"- [a]\n  b: c", {2, 3}, "this does not go on with the sequence above"},
      {"a: 1\n- b", {2, 1}, "this does not go on with the mapping above"},
      {"a: - b", {1, 4}, "`- ` where no sequence may begin"},
      {"a: ]", {1, 4}, "a closing bracket that nothing opened"},
      {"[a}", {1, 3}, "a closing bracket that nothing opened"},
      {"[a] b", {1, 5}, "more text after the document"},
      {"a: 'x' y", {1, 8}, "this does not go on with the mapping above"},
      {"a: \"x", {1, 6}, "a quoted text without end"},
      {"a: \"\\q\"", {1, 7}, "an escape that YAML does not know"},
      {"a: \"\\u1", {1, 8}, "an escape without its hexadecimal digits"},
      {"a: \"\\xg0\"", {1, 9}, "an escape without its hexadecimal digits"},
      {"a: \"\\ud800\"", {1, 11}, "an escape that is no character"},
      {"a: *x", {1, 4}, "an alias without an anchor before it"},
      {"a: @x", {1, 4}, "a character that no value begins with"},
      {"a: `x`", {1, 4}, "a character that no value begins with"},
      {"a: |x", {1, 5}, "text behind `|` or `>`"},
      {"a: \"b\n---\n\"", {2, 1}, "`---` or `...` inside of a quoted text"},
      {"a: |\n\tb", {2, 1}, "a tab in the indentation"},
      {"a: &a [*a]", {1, 8}, "an alias inside of what it stands for"},
      {"&a {b: {c: *a}}", {1, 12}, "an alias inside of what it stands for"},
      {"a: \xff", {1, 4}, "a byte that is not UTF-8"},
      {"a: x\0y"sv, {1, 5}, "a NUL byte"},
      {"a: x\x04y", {1, 5}, "a control character"},
      {"a: 1\rb: 2", {1, 5}, "a carriage return without a line feed"},
      {"\xef\xbb\xbf{}", {1, 1}, "the text begins with a byte order mark"},
  };
  for (const Refusal& refusal : kRefusals) {
    const Diagnostic found = problem_of(refusal.text);
    EXPECT_EQ(found.message, refusal.message) << refusal.text;
    EXPECT_EQ(found.at, refusal.at) << refusal.text;
  }
}

TEST(Yaml, StopsAtItsLimits) {
  const DocumentLimits limits{.max_bytes = 60, .max_depth = 3, .max_nodes = 6};
  EXPECT_TRUE(parse_yaml("[[[]]]", {}, limits));
  EXPECT_EQ(problem_of("[[[[]]]]", limits).at, (Position{1, 4}));
  EXPECT_EQ(problem_of("a:\n b:\n  c:\n   d: 1", limits).message, "nested more than 3 levels deep");
  EXPECT_TRUE(parse_yaml("[1,2,3,4,5]", {}, limits));
  EXPECT_EQ(problem_of("[1,2,3,4,5,6]", limits).at, (Position{1, 12}));
  EXPECT_EQ(problem_of(std::string(61, ' '), limits).message, "the text is larger than 60 bytes");
}

TEST(Yaml, CountsWhatAliasesExpandTo) {
  const DocumentLimits limits{.max_bytes = 60, .max_depth = 4, .max_nodes = 9};
  EXPECT_TRUE(parse_yaml("[&a [1, 2], *a]", {}, limits));
  EXPECT_EQ(problem_of("[&a [1, 2], *a, *a]", limits).at, (Position{1, 17}));
  EXPECT_TRUE(parse_yaml("[&a [[]], [*a]]", {}, limits));
  EXPECT_EQ(problem_of("[&a [[]], [[*a]]]", limits).message, "nested more than 4 levels deep");
  const std::string text = "[&a " + std::string(30, 'x') + ", *a, *a, *a]";
  EXPECT_EQ(problem_of(text, limits).message, "aliases that repeat more than 60 bytes");
}

TEST(Yaml, DefusesAnAliasBomb) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias +
            repeated(", " + alias, 9) + "]\n";
  }
  const Diagnostic found = problem_of(bomb, {.max_nodes = 50'000});
  EXPECT_EQ(found.message, "more than 50000 values, aliases expanded");
  EXPECT_EQ(found.at.line, 5u) << "the alias that went too far";
}

TEST(Yaml, DefusesABombOfLongTexts) {
  const std::string bomb = "- &a " + std::string(1 << 20, 'x') + "\n" + repeated("- *a\n", 100'000);
  EXPECT_EQ(problem_of(bomb).message, "aliases that repeat more than 8388608 bytes");
}

// Quadratic time would be minutes, and recursion without a bound the end of the process.
void expect_an_answer(const std::string& text) {
  const DocumentLimits deep{.max_depth = std::numeric_limits<std::size_t>::max()};
  const auto value = parse_yaml(text, "a.yaml", deep);
  if (value) return;
  EXPECT_EQ(value.error().code, Code::invalid_input) << text.substr(0, 20);
  EXPECT_EQ(value.error().diagnostics.size(), 1u) << text.substr(0, 20);
}

TEST(Yaml, SurvivesAMegabyteOfNesting) {
  for (const std::string_view piece :
       {"[", "{", "- ", "- - - -\n", "{a: {a:", "[a: ", "? ", "&a ["}) {
    expect_an_answer(repeated(piece, (1u << 20) / piece.size()));
  }
}

TEST(Yaml, SurvivesALongRunOfAnything) {
  for (const std::string_view piece :
       {"{a: ", "? - ", "? [",   "a: ",   ": ",   "&a ", "!a ", "*a ",  "[]",   "[,",
        "a,",   ",",    "'",     "\"",    "\\",   "| ",  ">\n", "\n",   "#\n",  "\t",
        "x ",   "x\n",  "---\n", "...\n", "\r\n", "?\n", "-\n", "-\n ", "a:\n "}) {
    const std::string text = repeated(piece, (64u << 10) / piece.size());
    for (const std::string_view prefix : {"", "[", "a: ", "- "}) {
      expect_an_answer(std::string(prefix) + text);
    }
  }
}

TEST(Yaml, RefusesEndlessNestingByItsDepth) {
  const DocumentLimits deep{.max_depth = std::numeric_limits<std::size_t>::max()};
  for (const std::string_view piece : {"[", "{a: ", "- ", "[a: ", "? "}) {
    EXPECT_EQ(problem_of(repeated(piece, 10'000) + "x", deep).message,
              "nested more than 400 levels deep")
        << piece;
  }
  EXPECT_TRUE(parse_yaml(repeated("[", 400) + repeated("]", 400), {}, deep));
}

TEST(Yaml, WritesBlockStyle) {
  const Value value(Object{{"name", "orders.book"},
                           {"steps", Array{Object{{"run", "ctest --test-dir build"}, {"retry", 2}},
                                           Array{1, Array{}}, "plain"}},
                           {"text", "first\n  second\n"},
                           {"none", Value()},
                           {"empty", Object{}}});
  const std::string text =
      "name: orders.book\n"
      "steps:\n"
      "  - run: ctest --test-dir build\n"
      "    retry: 2\n"
      "  - - 1\n"
      "    - []\n"
      "  - plain\n"
      "text: |\n"
      "  first\n"
      "    second\n"
      "none: null\n"
      "empty: {}\n";
  EXPECT_EQ(to_yaml(value), text);
  EXPECT_EQ(parse_yaml(text).value(), value);
}

TEST(Yaml, QuotesWhatWouldBeReadOtherwise) {
  for (const std::string_view text :
       {""sv,         " "sv,    "a "sv,         " a"sv,     "1"sv,     "0x1"sv,    "1e3"sv,
        "true"sv,     "null"sv, "~"sv,          "- a"sv,    "a: b"sv,  "a:"sv,     "a #b"sv,
        "#"sv,        "&a"sv,   "*a"sv,         "!a"sv,     "|"sv,     ">"sv,      "%a"sv,
        "@a"sv,       "`a"sv,   "[a"sv,         "{a"sv,     "'a"sv,    "\"a"sv,    "---"sv,
        "..."sv,      "?"sv,    "-"sv,          "<<"sv,     ".inf"sv,  "a\tb"sv,   "a\nb"sv,
        "\na"sv,      "a\n"sv,  "a\n\n"sv,      " a\nb"sv,  "a \nb"sv, "a\r\nb"sv, "a\0b"sv,
        "a\x7f\nb"sv, "é\nü"sv, "\xc2\x85\n"sv, "a\n\nb"sv, "a\n%b"sv, "\n"sv,     "a\n---\n"sv,
        "12e4567"sv}) {
    EXPECT_EQ(parse_yaml(to_yaml(Value(text))).value(), Value(text)) << to_yaml(Value(text));
    const Value inside(Object{{std::string(text), Array{text, Object{{"k", text}}}}});
    EXPECT_EQ(parse_yaml(to_yaml(inside)).value(), inside) << to_yaml(inside);
  }
}

TEST(Yaml, WritesKeysOfAnyLength) {
  const Value value(Object{{std::string(3000, 'k'), Object{{std::string(3000, '"'), 1}}}});
  EXPECT_EQ(parse_yaml(to_yaml(value)).value(), value);
}

}  // namespace
}  // namespace writ
