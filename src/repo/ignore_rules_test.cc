#include "repo/ignore_rules.h"

#include <random>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

struct Case {
  std::string pattern;
  std::string text;
  bool matches;
};

TEST(Wildmatch, FollowsGitignore) {
  const Case cases[] = {
      {"foo", "foo", true},
      {"foo", "fooo", false},
      {"f?o", "foo", true},
      {"f?o", "f/o", false},
      {"*", "foo", true},
      {"*", "a/b", false},
      {"*.o", "a.o", true},
      {"*.o", ".o", true},
      {"*.o", "a.oo", false},
      {"a*c*e", "abcde", true},
      {"a*c*e", "abde", false},
      {"**/b", "b", true},
      {"**/b", "a/x/b", true},
      {"**/b", "ab", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "ab", false},
      {"a/**", "a/b/c", true},
      {"a/**", "a", false},
      {"**", "a/b", true},
      {"a**b", "axxb", true},
      {"a**b", "a/b", false},
      {"[abc]x", "bx", true},
      {"[!abc]x", "bx", false},
      {"[^abc]x", "dx", true},
      {"[a-c]", "b", true},
      {"[a-c]", "d", false},
      {"[]]", "]", true},
      {"[!]]", "]", false},
      {"[a-]", "-", true},
      {"[[:digit:]]", "7", true},
      {"[[:digit:]]", "x", false},
      {"[[:nope:]]", "x", false},
      {"[\\]]", "]", true},
      {"[a", "a", false},
      {"a\\*", "a*", true},
      {"a\\*", "ab", false},
      {"a\\", "a", false},
      {"[!a]", "/", false},
      {"\xff?", "\xff\xfe", true},
      {"", "", true},
      {"***/b", "x/b", true},
  };
  for (const Case& example : cases) {
    EXPECT_EQ(Wildmatch(example.pattern).matches(example.text), example.matches)
        << example.pattern << " " << example.text;
  }
}

TEST(Wildmatch, TakesNoLongerForAPatternMadeToTakeLong) {
  // Backtracking would need about 10^20 steps for either.
  std::string stars;
  for (int i = 0; i < 40; ++i) stars += "*a";
  EXPECT_FALSE(Wildmatch(stars + "b").matches(std::string(2000, 'a') + "/b"));
  std::string directories;
  for (int i = 0; i < 40; ++i) directories += "**/a/";
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "a/";
  EXPECT_FALSE(Wildmatch(directories + "?c").matches(path + "bbc"));
}

TEST(IgnoreFile, LeavesOutCommentsAndBlanksAtTheEnd) {
  const IgnoreFile file("\xef\xbb\xbf# comment\n\n a \nb\\ \nc\r\n\\#d\n\\!e\nf", "");
  EXPECT_EQ(file.judge(" a", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("a", PathKind::file), Verdict::silent);
  EXPECT_EQ(file.judge("b ", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("c", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("#d", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("!e", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("x/f", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("# comment", PathKind::file), Verdict::silent);
}

TEST(IgnoreFile, AppliesBelowItsDirectoryOnly) {
  const IgnoreFile file("/a\nb\nc/d\n", "sub");
  EXPECT_EQ(file.judge("sub/a", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("sub/x/a", PathKind::file), Verdict::silent);
  EXPECT_EQ(file.judge("sub/x/b", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("sub/c/d", PathKind::file), Verdict::ignored);
  EXPECT_EQ(file.judge("sub/x/c/d", PathKind::file), Verdict::silent);
}

TEST(IgnoreRules, LetAnInnerFileIncludeWhatAnOuterOneIgnores) {
  IgnoreRules rules;
  const auto outer = rules.add(IgnoreFile("*.tmp\n", ""), IgnoreRules::kNone);
  const auto inner = rules.add(IgnoreFile("!keep.tmp\n", "sub"), outer);
  EXPECT_FALSE(rules.is_ignored("sub/keep.tmp", PathKind::file, inner));
  EXPECT_TRUE(rules.is_ignored("sub/other.tmp", PathKind::file, inner));
  EXPECT_TRUE(rules.is_ignored("keep.tmp", PathKind::file, outer));
}

// Random rules and paths, judged by git itself.
class IgnoreRulesAgainstGit : public RepoTest {};

TEST_F(IgnoreRulesAgainstGit, AgreeOnEveryPath) {
  std::mt19937 random(5);
  const std::string_view pieces[] = {"a",    "b",    "c",   "*",    "**",  "/",   "?",
                                     "[ab]", "[!a]", "\\a", "/**/", "**/", "/**", "!"};
  std::vector<std::string> paths;
  for (const char* first : {"a", "b", "ab", "abc"}) {
    paths.emplace_back(first);
    for (const char* second : {"a", "b", "ca"}) {
      paths.push_back(std::string(first) + "/" + second);
      paths.push_back(std::string(first) + "/" + second + "/a");
    }
  }
  for (int round = 0; round < 60; ++round) {
    std::string rule;
    for (std::size_t i = 1 + random() % 5; i > 0; --i) rule += pieces[random() % std::size(pieces)];
    // One rule and one path at a time, as if nothing above the path were ignored.
    write(".gitignore", rule + "\n");
    const IgnoreFile file(rule + "\n", "");
    std::string input;
    for (const std::string& path : paths) input += path + "\n";
    write("../input", input);
    // Each line: file, line number and pattern that decided, or nothing; a tab; the path.
    const std::string judged =
        bash("git check-ignore --no-index --verbose --non-matching --stdin < ../input || true");
    std::size_t at = 0;
    for (const std::string& path : paths) {
      const std::size_t end = judged.find('\n', at);
      const std::string line = judged.substr(at, end - at);
      at = end + 1;
      ASSERT_TRUE(line.ends_with("\t" + path)) << line;
      // Git asks for the directories above first; so do we.
      Verdict verdict = Verdict::silent;
      for (std::size_t slash = path.find('/'); verdict != Verdict::ignored;
           slash = path.find('/', slash + 1)) {
        const bool is_whole = slash == std::string::npos;
        verdict =
            file.judge(path.substr(0, slash), is_whole ? PathKind::file : PathKind::directory);
        if (is_whole) break;
      }
      const bool git_ignores = !line.starts_with("::") && !rule.starts_with('!');
      EXPECT_EQ(verdict == Verdict::ignored, git_ignores) << rule << " on " << path << ": " << line;
    }
  }
}

}  // namespace
}  // namespace writ::repo
