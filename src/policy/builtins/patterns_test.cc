// regex.*, glob.* and what v0 modules still call.
#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Patterns : public BuiltinRows {};

TEST_F(Patterns, Match) {
  expect({{"regex.match", R"(["^[a-z]+\\[[0-9]+\\]$", "foo[1]"])", "true"},
          {"regex.match", R"(["", "x"])", "true"},
          {"regex.match", R"(["^$", "x"])", "false"},
          {"re_match", R"(["b+", "abb"])", "true"},
          {"regex.match", R"(["(?<n>a)[(?<]\\(?<", "a((<"])", "true"},
          {"regex.is_valid", R"([".+"])", "true"},
          {"regex.is_valid", R"(["++"])", "false"},
          {"regex.is_valid", "[1]", "false"}});
}

TEST_F(Patterns, AreRefusedInTheWordsOfGo) {
  expect({{"regex.match", R"(["[", "x"])",
           "error: regex.match: error parsing regexp: missing closing ]: `[`"},
          {"regex.match", R"r(["(?=a)", "x"])r",
           "error: regex.match: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
          {"regex.split", R"(["a(", "x"])",
           "error: regex.split: error parsing regexp: missing closing ): `a(`"},
          {"regex.replace", R"(["x", "*", ""])",
           "error: regex.replace: error parsing regexp: missing argument to repetition operator: "
           "`*`"}});
}

TEST_F(Patterns, FindWhatMatchesOneAfterAnother) {
  expect({{"regex.find_n", R"(["a.", "paranormal", -1])", R"(["ar", "an", "al"])"},
          {"regex.find_n", R"(["a.", "paranormal", 2])", R"(["ar", "an"])"},
          {"regex.find_n", R"(["a.", "paranormal", 0])", "[]"},
          {"regex.find_n", R"(["^a.", "abab", -1])", R"(["ab"])"},
          {"regex.find_n", R"(["x*", "axxé", -1])", R"(["", "xx", ""])"},
          {"regex.find_all_string_submatch_n",
           R"(["[^aouiye]([aouiye])([^aouiye])?", "somestri", -1])",
           R"([["som", "o", "m"], ["ri", "i", ""]])"},
          {"regex.find_all_string_submatch_n", R"(["a(x*)b", "-", -1])", "[]"}});
}

TEST_F(Patterns, SplitTexts) {
  expect({{"regex.split", R"(["a", "banana"])", R"(["b", "n", "n", ""])"},
          {"regex.split", R"(["[a-z]+$", "foobar baz"])", R"(["foobar ", ""])"},
          {"regex.split", R"(["^[a-z ]+$", "foobar baz"])", R"(["", ""])"},
          {"regex.split", R"(["x*", "axbxc"])", R"(["a", "b", "c"])"},
          {"regex.split", R"(["a", ""])", R"([""])"}});
}

TEST_F(Patterns, ReplaceWithGroups) {
  expect({{"regex.replace", R"(["-wy-wxxy-", "w(x*)y", "0"])", R"("-0-0-")"},
          {"regex.replace", R"(["-wy-wxxy-", "w(x*)y", "[$1]"])", R"("-[]-[xx]-")"},
          {"regex.replace", R"(["-wxxy-", "w(x*)y", "${1}W$1W$$"])", R"("-xxW$-")"},
          {"regex.replace", R"r(["ab", "(?P<first>.)(?P<second>.)", "$second$first$none"])r",
           R"("ba")"},
          {"regex.replace", R"(["foo", "^[a-z]", "F"])", R"("Foo")"},
          {"regex.replace", R"(["baé", "x*", "-"])", R"("-b-a-é-")"},
          {"regex.replace", R"(["abc", "b*", "-"])", R"("-a-c-")"},
          {"regex.replace", R"(["a", "a", "$"])", R"("$")"}});
}

TEST_F(Patterns, StandBetweenDelimitersInTemplates) {
  expect({{"regex.template_match", R"(["urn:foo:<.*>", "urn:foo:bar:baz", "<", ">"])", "true"},
          {"regex.template_match", R"(["a.b{[0-9]{2}}", "a.b12", "{", "}"])", "true"},
          {"regex.template_match", R"(["a.b{[0-9]{2}}", "axb12", "{", "}"])", "false"},
          {"regex.template_match", R"(["a{b", "x", "{", "}"])",
           R"(error: regex.template_match: unbalanced braces in "a{b")"},
          {"regex.template_match", R"(["a", "x", "{{", "}"])",
           "error: regex.template_match: start delimiter has to be exactly one character long but "
           "is 2 long"}});
}

TEST_F(Patterns, MeetIfSomeTextMatchesBoth) {
  expect({{"regex.globs_match", R"(["a.a.", ".b.b"])", "true"},
          {"regex.globs_match", R"(["[a-z]*", "[0-9]+"])", "false"},
          {"regex.globs_match", R"(["[a-z]+\\[[0-9]+\\]", "foo\\[1\\]"])", "true"},
          {"regex.globs_match", R"(["[a-z]+\\[[0-9]+\\]", "foo[\"bar\"]"])", "false"},
          {"regex.globs_match", R"(["a*", "b*"])", "false"},
          {"regex.globs_match", R"([".*b.*c", "a+bx*cc"])", "true"},
          {"regex.globs_match", R"(["pqrs]", "[a-b]+"])",
           "error: regex.globs_match: input:pqrs], pos:5, set-close ']' with no preceding '[': the "
           "input provided is invalid"},
          {"regex.globs_match", R"(["*", "a"])",
           "error: regex.globs_match: input:*, pos:1, flag '*' must be preceded by a non-flag: the "
           "input provided is invalid"}});
}

TEST_F(Patterns, OfGlobsStopAtDelimiters) {
  expect({{"glob.match", R"(["*.github.com", ["."], "api.github.com"])", "true"},
          {"glob.match", R"(["*.github.com", [], "api.cdn.github.com"])", "false"},
          {"glob.match", R"(["*", [], "foo.bar"])", "false"},
          {"glob.match", R"(["*", null, "foo.bar"])", "true"},
          {"glob.match", R"(["*hub.com", [":"], "api.github.com"])", "true"},
          {"glob.match", R"(["api.**.com", ["."], "api.cdn.github.com"])", "true"},
          {"glob.match", R"(["?at", ["f"], "fat"])", "false"},
          {"glob.match", R"(["?at", ["f"], "éat"])", "true"},
          {"glob.match", R"(["a+b", [], "aab"])", "false"}});
}

TEST_F(Patterns, OfGlobsHaveClassesAndAlternatives) {
  expect({{"glob.match", R"(["{cat,bat,[fr]at}", [], "rat"])", "true"},
          {"glob.match", R"(["{cat,bat,[fr]at}", [], "at"])", "false"},
          {"glob.match", R"(["a{b,{c,d}*}e", [], "acxe"])", "true"},
          {"glob.match", R"(["{a,}b", [], "b"])", "true"},
          {"glob.match", R"(["[!a-c]at", [], "bat"])", "false"},
          {"glob.match", R"(["[!a-c]at", [], "fat"])", "true"},
          {"glob.match", R"(["[a\\]^]", [], "]"])", "true"},
          {"glob.match", R"(["\\*\\{a,b}", [], "*{a,b}"])", "true"},
          {"glob.match", R"(["[a-zA]", [], "b"])",
           "error: glob.match: expected close range character"},
          {"glob.match", R"(["[]", [], "b"])", "error: glob.match: could not parse range"},
          {"glob.match", R"(["[ab", [], "b"])", "error: glob.match: unexpected end of input"},
          {"glob.match", R"(["a", ["ab"], "a"])",
           "type error: glob.match: operand 2 must be array of runes but got array containing "
           "string"},
          {"glob.match", R"(["a", "b", "a"])",
           "type error: glob.match: operand 2 must be one of {array, null} but got string"},
          {"glob.quote_meta", R"(["*.{a}[b]\\?"])", R"("\\*.\\{a\\}\\[b\\]\\\\\\?")"}});
}

}  // namespace
}  // namespace writ::rego::testing
