#include "policy/parse/parser.h"

#include <gtest/gtest.h>

#include "policy/term/json.h"

namespace writ::rego {
namespace {

std::string problem(std::string_view text, bool is_v0 = false) {
  const auto module = parse_module("p.rego", text, {.is_v0 = is_v0});
  return module ? "" : module.error().front().text();
}

std::string round(std::string_view text) {
  Arena arena;
  const auto term = parse_term(arena, text);
  return term ? ast::to_text(*term) : term.error().front().text();
}

TEST(RegoParser, ReadsTermsOfEveryKind) {
  for (const char* text :
       {"null", "-1.50", "\"a\\n\"", "x", "data.foo[x].bar[\"a b\"]", "[1, x]", "{1, x}", "set()",
        "{\"a\": 1, x: [y]}", "[x | x := 1; y = 2]", "{x | x in y}", "{k: v | some k, v in o}",
        "f(x, data.g(1))[0]", "$\"a {x + 1} \\{\""}) {
    EXPECT_EQ(round(text), text);
  }
}

TEST(RegoParser, BindsOperatorsByStrength) {
  EXPECT_EQ(round("1 + 2 * 3 - 4"), "(1 + (2 * 3)) - 4");
  EXPECT_EQ(round("a | b & c == d"), "(a | (b & c)) == d");
  EXPECT_EQ(round("x in xs == true"), "x in (xs == true)");
  EXPECT_EQ(round("(1 + 2) * 3"), "(1 + 2) * 3");
  EXPECT_EQ(round("[a | b, c]"), "[a | b, c]");
}

TEST(RegoParser, PointsAtWhatIsWrong) {
  EXPECT_EQ(problem("package a\n\np if {\n\tx := \n}"),
            "p.rego:5: rego_parse_error: unexpected } token\n\t}\n\t^");
  EXPECT_EQ(
      problem("package a\n\tp := 01"),
      "p.rego:2: rego_parse_error: expected number without leading zero\n\t\tp := 01\n\t\t     ^");
}

TEST(RegoParser, SaysWhatOpaSays) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "empty module"},
      {"p := 1", "package expected"},
      {"package a\npackage b", "unexpected package"},
      {"package a\np { true }", "`if` keyword is required before rule body"},
      {"package a\np[x]", "`contains` keyword is required for partial set rules"},
      {"package a\np := 0x10", "illegal number format"},
      {"package a\np := 1_000", "illegal number format"},
      {"package a\np := \"\\x41\"", "illegal escape sequence"},
      {"package a\np := \"abc\nd\"", "non-terminated string"},
      {"package a\np if { a b }", "unexpected identifier token: expected \\n or ; or }"},
      {"package a\np if { }", "found empty body"},
      {"package a\np := \"abc\"[0]", "illegal ref (head cannot be string)"},
      {"package a\np := x with input as 1",
       "expressions using with keyword cannot be used for rule head"},
      {"package a\ninput := 1", "rules must not shadow input (use a different rule name)"},
      {"package a\ndefault p := q.r", "illegal default rule (value cannot contain ref)"},
      {"package a\ndefault p := x", "illegal default rule (value cannot contain var)"},
      {"package a\ndefault p contains 1", "illegal default rule (must have a value)"},
      {"package a\ndefault f(1) := 2", "illegal default rule (arguments cannot contain number)"},
      {"package a\nimport foo.bar", "unexpected import path, must begin with one of"},
      {"package a\nif := 1", "unexpected if keyword"},
  };
  for (const auto& [text, wanted] : rows) {
    EXPECT_TRUE(problem(text).contains(wanted)) << text << "\n" << problem(text);
  }
}

TEST(RegoParser, ReadsTheOlderDialectWhenAsked) {
  EXPECT_EQ(
      problem("package a\np { true }\nq[x] { x = 1 }\nr = 1 { true } else = 2 { true }", true), "");
  const auto module =
      parse_module("p.rego", "package a\nq[x] { x = 1 } { x = 2 }", {.is_v0 = true});
  ASSERT_TRUE(module.has_value());
  ASSERT_EQ(module->rules.size(), 2u);
  EXPECT_TRUE(module->rules[1].is_partial_set);
}

TEST(RegoParser, LetsKeywordsBeNamesInReferences) {
  EXPECT_EQ(problem("package a.if.default\nfoo.as := data.b.with.in\nnot.x := 1\n"), "");
}

TEST(RegoParser, KeepsAnnotationsWithWhatTheyBelongTo) {
  const auto module =
      parse_module("p.rego",
                   "# METADATA\n# title: P\npackage a\n\n# METADATA\n# entrypoint: true\n"
                   "# authors:\n# - Ada <ada@example.com>\np := 1\n");
  ASSERT_TRUE(module.has_value());
  ASSERT_EQ(module->package_annotations.size(), 1u);
  EXPECT_EQ(to_json(module->package_annotations[0].value), R"({"scope":"package","title":"P"})");
  ASSERT_EQ(module->rules[0].annotations.size(), 1u);
  EXPECT_EQ(
      to_json(module->rules[0].annotations[0].value),
      R"({"authors":[{"email":"ada@example.com","name":"Ada"}],"entrypoint":true,"scope":"document"})");
  EXPECT_TRUE(problem("package a\n# METADATA\n# title: [\np := 1").contains("yaml"));
}

TEST(RegoParser, EndsSoonOnTextThatIsMadeToHurt) {
  const std::string brackets(1'000'000, '[');
  EXPECT_TRUE(problem("package a\np := " + brackets).contains("max recursion depth exceeded"));
  std::string choices = "package a\np := ";
  for (int i = 0; i < 300; ++i) choices += "[x | ";
  EXPECT_FALSE(problem(choices).empty());
  std::string sums = "package a\np := 1";
  for (int i = 0; i < 900; ++i) sums += " + 1";
  EXPECT_EQ(problem(sums), "");
  for (int i = 0; i < 50'000; ++i) sums += " + 1";
  EXPECT_TRUE(problem(sums).contains("max recursion depth exceeded"));
}

TEST(RegoParser, RefusesTextThatIsNoUtf8InEveryKindOfString) {
  for (const std::string_view literal : {"\"\xff\"", "`\xff`", "$\"\xff\"", "$`\xff`"}) {
    const auto module = parse_module("p.rego", "package a\np := " + std::string(literal));
    ASSERT_FALSE(module) << literal;
    EXPECT_EQ(module.error()[0].message, "illegal utf-8 character") << literal;
  }
}

}  // namespace
}  // namespace writ::rego
