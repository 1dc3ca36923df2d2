// Own samples, and every module of OPA's cases where they are at hand: formatting twice changes
// nothing, and what is formatted says the same.
#include "policy/format/format.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "policy/conformance/conformance.h"

namespace writ::rego {
namespace {

std::string formatted(std::string_view text, const ParseOptions& options = {}) {
  const auto out = format_module("p.rego", text, options);
  return out ? *out : to_text(out.error());
}

// Formats, and formats that again.
std::string settled(std::string_view text, const ParseOptions& options = {}) {
  std::string once = formatted(text, options);
  EXPECT_EQ(formatted(once, options), once) << "of\n" << text;
  return once;
}

TEST(FormatModule, SetsRulesApartAndKeepsRowsOfOneLine) {
  EXPECT_EQ(
      settled("package   a.b\nimport  data.z\nimport data.a as x\np   =   1\nq:=2\n\n\n\n"
              "default  allow =false\nallow   if   input.x==1\nr contains  x if {x:=1;  x>0}"),
      "package a.b\n\nimport data.a as x\nimport data.z\n\np := 1\nq := 2\n\n"
      "default allow := false\n\nallow if input.x == 1\n\n"
      "r contains x if {\n\tx := 1\n\tx > 0\n}\n");
}

TEST(FormatModule, EndsCommentsWhereTheirTextEnds) {
  EXPECT_EQ(format_module("a.rego", "package a # one \t\r \r\n#two\r\r").value(),
            "package a # one\n\n#two\n");
}

TEST(FormatModule, KeepsCommentsWhereTheyBelong) {
  const std::string text =
      "# First.\n\n# Second.\npackage a # the package\n\n# Rule.\np if { # opens\n\t# inner\n\tx "
      ":= 1 "
      "# one\n\n\t# before y\n\ty := [ # list\n\t\t1, # item\n\t\t# last\n\t] # closes\n\t# end\n} "
      "# "
      "rule\n\n# The end.\n";
  EXPECT_EQ(settled(text), text);
}

TEST(FormatModule, BreaksCollectionsWhereTheSourceDoes) {
  EXPECT_EQ(settled("package a\np := [1,\n2, 3]\nq := {\"a\":1,\"b\":[\n2]}\nr := f(1,\n2)\n"),
            "package a\n\np := [\n\t1,\n\t2, 3,\n]\n\nq := {\"a\": 1, \"b\": [\n\t2,\n]}\n\n"
            "r := f(\n\t1,\n\t2,\n)\n");
}

TEST(FormatModule, WritesOperatorsWithParenthesesWithin) {
  EXPECT_EQ(settled("package a\np := x if { y=x+1*2; f((a|b), {c|d})==3; 1 in [2] ; x = [(a|b)]; "
                    "not plus(1,2,3); z := (1, 2 in w); -1 < - 2 }"),
            "package a\n\np := x if {\n\ty = x + (1 * 2)\n\tf(a | b, {c | d}) == 3\n\t1 in [2]\n"
            "\tx = [(a | b)]\n\tnot plus(1, 2, 3)\n\tz := (1, 2 in w)\n\t(-1) < -2\n}\n");
}

TEST(FormatModule, WritesElseOnALineOfItsOwnUnlessItFollowsABrace) {
  EXPECT_EQ(
      settled("package a\np := 1 if x else := 2 if {y;z} else = 3\nq if {\nx\n} else := false "
              "if {\nz\n}\n"),
      "package a\n\np := 1 if x\n\nelse := 2 if {\n\ty\n\tz\n}\n\nelse := 3\n\n"
      "q if {\n\tx\n} else := false if {\n\tz\n}\n");
}

TEST(FormatModule, DropsBodiesThatAreTrueAndValuesThatAreImplied) {
  EXPECT_EQ(settled("package a\np if true\nq := true if x\nr[x] := true if y\ns := 2 if {true}\n"),
            "package a\n\np := true\nq if x\nr[x] := true if y\ns := 2\n");
}

TEST(FormatModule, KeepsStringsAndNamesAsTheyAreSpelled) {
  const std::string text =
      "package a[\"b-c\"].if\n\nimport rego.v1\n\np[\"x\"] := `raw\n  text`\n\nq.r := "
      "\"\\u00e9\\n\"\n\ns := $\"a {input.x} \\{b}\"\n\nt := input[\"if\"][\"a b\"].c[1.50][_]\n";
  EXPECT_EQ(settled(text), text);
  EXPECT_EQ(settled("package a\np := input[\"x\"][`y`]"), "package a\n\np := input.x.y\n");
}

TEST(FormatModule, LaysOutComprehensionsEveryAndWith) {
  EXPECT_EQ(settled("package a\np := [x|some x in y;x>1]\nq := {k:v|\nsome k,v in y}\n"
                    "r if every k,v in x {v;k}\ns if {\nf(x) with input as 1 with data.x as 2\n"
                    "f(x)\nwith input as 1\nwith data.x as {\n\"a\": 1}\nsome a,\nb\na = b}"),
            "package a\n\np := [x | some x in y; x > 1]\nq := {k: v |\n\tsome k, v in y\n}\n\n"
            "r if every k, v in x { v; k }\n\ns if {\n\tf(x) with input as 1 with data.x as 2\n"
            "\tf(x)\n\t\twith input as 1\n\t\twith data.x as {\n\t\t\t\"a\": 1,\n\t\t}\n"
            "\tsome a,\n\t\tb\n\ta = b\n}\n");
}

TEST(FormatModule, KeepsBracesThatMakeASet) {
  EXPECT_EQ(
      settled("package a\np if {{1}}\nq if { {1} == x }\nr if {{\"a\": 1}.a}\n"),
      "package a\n\np if {\n\t{1}\n}\n\nq if {\n\t{1} == x\n}\n\nr if {\n\t{\"a\": 1}.a\n}\n");
}

TEST(FormatModule, LeavesAPartAloneWhoseCommentsFindNoPlace) {
  EXPECT_EQ(settled("package a\np if {\n  x :=  1 + # one\n   2 + # two\n   3\n  y  :=  2\n}\n"),
            "package a\n\np if {\n\tx :=  1 + # one\n   2 + # two\n   3\n\ty := 2\n}\n");
}

TEST(FormatModule, KeepsAnnotationsWithTheirRules) {
  const std::string text =
      "# METADATA\n# title: a\npackage a\n\n# METADATA\n# title: p\n# custom:\n#   x: 1\np := 1\n";
  EXPECT_EQ(settled(text), text);
  EXPECT_EQ(settled("package a\n# METADATA\n# title: p\n # other\np := 1"),
            "package a\n\n# METADATA\n# title: p\n\n# other\np := 1\n");
}

TEST(FormatModule, FormatsTheOlderDialectAsSuch) {
  EXPECT_EQ(
      settled("package a\np[x] { x=1 }\no.k\nq = 2 { true }\nr { a } { b }\nf(x)=y{y:=x} else "
              "= 3 { x }",
              {.is_v0 = true}),
      "package a\n\np[x] {\n\tx = 1\n}\n\no.k\n\nq = 2\n\nr {\n\ta\n}\n\nr {\n\tb\n}\n\n"
      "f(x) = y {\n\ty := x\n}\n\nelse = 3 {\n\tx\n}\n");
}

TEST(FormatModule, KeepsLongRowsOfOperatorsReadable) {
  std::string row = "0";
  for (int i = 0; i < 900; ++i) row += " + 1";
  EXPECT_TRUE(settled("package a\np := " + row).ends_with(" + 1 + 1 + 1\n"));
}

TEST(FormatModule, SaysWhatDoesNotParse) {
  EXPECT_EQ(formatted("package a\np := \n"),
            "1 error occurred: p.rego:3: rego_parse_error: unexpected eof token");
}

const std::filesystem::path kCases = WRIT_SOURCE_DIR "/../shared/conformance/opa/v1";

TEST(FormatModule, KeepsTheMeaningOfOpasCases) {
  if (!std::filesystem::is_directory(kCases)) GTEST_SKIP() << kCases << " is not here";
  std::size_t count = 0;
  const auto report = run_conformance(kCases, {}, [&](std::string_view text) {
    const auto out = format_module("p.rego", text);
    if (!out) {
      EXPECT_NE(out.error()[0].code, kFormatError) << text;
      return std::string(text);
    }
    ++count;
    return settled(text);
  });
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_GT(count, 0u);
  for (const ConformanceFailure& failure : report->failures) {
    // Errors that name a row name another one now.
    if (failure.reason.starts_with("wanted error \"test-0.rego:")) continue;
    ADD_FAILURE() << failure.category << "/" << failure.name << ": " << failure.reason;
  }
}

}  // namespace
}  // namespace writ::rego
