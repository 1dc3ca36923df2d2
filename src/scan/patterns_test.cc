#include "scan/patterns.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "scan/rules.h"

namespace writ::scan {
namespace {

std::vector<std::string> rules_in(std::string_view path, std::string_view text) {
  const auto findings = scan_text(path, text, {});
  EXPECT_TRUE(findings);
  std::vector<std::string> out;
  for (const Finding& f : *findings) out.push_back(f.rule);
  return out;
}

TEST(RuleTable, IsSortedUniqueAndComplete) {
  std::string_view last;
  for (const RuleInfo& rule : rule_table()) {
    EXPECT_LT(last, rule.id);
    EXPECT_FALSE(rule.meaning.empty()) << rule.id;
    EXPECT_FALSE(rule.remedy.empty()) << rule.id;
    last = rule.id;
  }
  EXPECT_EQ(rule_sets().front().rules.size(), rule_table().size());
}

TEST(RuleTable, IsDocumented) {
  const auto page = read_file(WRIT_SOURCE_DIR "/docs/architecture/scan.md", 1 << 20);
  ASSERT_TRUE(page) << page.error().text();
  for (const RuleInfo& rule : rule_table()) {
    const std::string row = "| `" + std::string(rule.id) + "` |";
    EXPECT_NE(page->find(row), std::string::npos) << rule.id;
    EXPECT_NE(page->find(std::string(rule.meaning)), std::string::npos) << rule.meaning;
  }
}

struct Case {
  std::string_view text;
  std::vector<std::string> rules;
};

// Some literals are split, so that a scan of this file finds nothing in them.
const Case kFound[] = {
    {"// TODO(ann): x", {"todo-comment"}},
    {"// todo: x", {"todo-comment"}},
    {"// x, TODO y", {"todo-comment"}},
    {"/* FIXME */", {"fixme-comment"}},
    {"// a hack", {"hack-comment"}},
    {"// hacky, see below", {"hack-comment"}},
    {"// quick and dirty", {"hack-comment"}},
    {"// XXX: why", {"xxx-comment"}},
    {"f(\"lorem "
     "ipsum\");",
     {"placeholder-text"}},
    {"// your "
     "code here",
     {"placeholder-text"}},
    {"k = \"YOUR_API_"
     "KEY_HERE\";",
     {"placeholder-text"}},
    {"p = \"change"
     "me\";",
     {"placeholder-text"}},
    {"// this is a placeholder", {"placeholder-text"}},
    {"// only a place"
     "holder for the parser",
     {"placeholder-text"}},
    {"// temporarily for tests", {"temporary-comment"}},
    {"// we cannot currently merge", {"limitation-note"}},
    {"// windows are not yet supported", {"limitation-note"}},
    {"// will be fixed in the next release", {"deferred-work"}},
    {"f(\"not "
     "implemented\");",
     {"not-implemented"}},
    {"// not yet "
     "implemented",
     {"not-implemented"}},
    {"throw NotImplementedException();", {"not-implemented"}},
    {"// stub: always true", {"stub-comment"}},
    {"// it is just a stub", {"stub-comment"}},
    {"MockClock clock;", {"mock-in-source"}},
    {"#include <gmock/gmock.h>", {"mock-in-source"}},
    {"// fine for now", {"temporary-comment"}},
    {"// temporary fix", {"temporary-comment"}},
    {"// temporarily disabled", {"temporary-comment"}},
    {"// remove this once the server answers", {"temporary-comment"}},
    {"// handle this later", {"deferred-work"}},
    {"// will be implemented later", {"deferred-work"}},
    {"// in a future release", {"deferred-work"}},
    {"// left as an exercise", {"deferred-work"}},
    {"// work around the old parser", {"workaround-comment"}},
    {"// workaround", {"workaround-comment"}},
    {"u = \"John Doe\";", {"demo-data"}},
    {"auto d = fake_users();", {"demo-data"}},
    {"// uses dummy data", {"demo-data"}},
    {"// known limitation", {"limitation-note"}},
    {"// currently ignored", {"limitation-note"}},
    {"// does not yet check", {"limitation-note"}},
    {"// only works for ASCII", {"limitation-note"}},
};

TEST(Patterns, FindWhatTheirRuleSays) {
  for (const Case& c : kFound) EXPECT_EQ(rules_in("src/a.cc", c.text), c.rules) << c.text;
}

TEST(PatternTable, EveryRowNamesARuleAndFindsSomeCase) {
  for (const Pattern& pattern : pattern_table()) {
    ASSERT_NE(find_rule(pattern.rule), nullptr) << pattern.rule;
    const std::string_view rules[] = {pattern.rule};
    const Matcher matcher(rules);
    int found = 0;
    for (const Case& c : kFound) {
      matcher.each_line(c.text, [&](std::size_t, Matcher::Candidates candidates) {
        matcher.match(c.text, candidates, pattern.regions, false,
                      [&](const Matcher::Match& m) { found += m.length > 0 ? 1 : 0; });
        return true;
      });
    }
    EXPECT_GT(found, 0) << pattern.regex;
  }
}

TEST(Patterns, LeaveWhatIsMeantOtherwise) {
  for (const std::string_view text : {"int todo = 0;",
                                      "f(\"TODO\");",
                                      "// the todo-comment rule",
                                      "// todos los casos",
                                      "// a hack-free zone",
                                      "// hackers try this",
                                      "// mkstemp(\"aXXXXXX\")",
                                      "// 0xXXX",
                                      "using std::placeholders::_1;",
                                      "// SQL placeholders are bound here",
                                      "return http::not_"
                                      "implemented;",
                                      "// the gRPC stub is shared",
                                      "Stub stub(channel);",
                                      "// a temporary file",

                                      "// see later sections",
                                      "// the future is ready",
                                      "// goes around the workaround-free path",
                                      "// a sample rate",
                                      "// this user",
                                      "// known hosts",
                                      "// not supported by RFC 9110",
                                      "// the mock-in-source rule",
                                      "int to_be_done = 1;",

                                      "// read the next version",
                                      "// T is a placeholder for any type",
                                      "// wait until we find one",
                                      "// a temporary name for the file",
                                      "// the first character to be added",
                                      "// closing is deferred until then",
                                      "// the window is not yet shown",
                                      "// not done yet: descend"}) {
    EXPECT_EQ(rules_in("src/a.cc", text), std::vector<std::string>{}) << text;
  }
}

TEST(Patterns, LetTestsHaveDoublesAndSamples) {
  EXPECT_EQ(rules_in("src/a_test.cc", "MockClock c; auto d = dummy_data(); f(\"John Doe\");"),
            std::vector<std::string>{});
  EXPECT_EQ(rules_in("src/a_test.cc", "// TODO"), std::vector<std::string>{"todo-comment"});
}

TEST(Patterns, ReadUnknownLanguagesAsText) {
  EXPECT_EQ(rules_in("notes.xyz", "TODO: the rest"), std::vector<std::string>{"todo-comment"});
  EXPECT_EQ(rules_in("a.py", "x = 1  # TODO\ny = 'TODO'\n"),
            std::vector<std::string>{"todo-comment"});
}

}  // namespace
}  // namespace writ::scan
