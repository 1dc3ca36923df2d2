#include <gtest/gtest.h>

#include "base/safe_path.h"

namespace writ {
namespace {

struct Match {
  std::string_view pattern;
  std::string_view path;
  bool matches;
};

TEST(Glob, MatchesWholePaths) {
  constexpr Match kMatches[] = {
      {"a", "a", true},
      {"a", "ab", false},
      {"a", "b", false},
      {"", "", true},
      {"", "a", false},
      {"src/book.cc", "src/book.cc", true},
      {"*.md", "a.md", true},
      {"*.md", "docs/a.md", false},
      {"*", "a", true},
      {"*", "", true},
      {"*", "a/b", false},
      {"docs/adr/*.md", "docs/adr/1-x.md", true},
      {"docs/adr/*.md", "docs/adr/1/x.md", false},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXbYbZ", false},
      {"**", "a", true},
      {"**", "a/b/c", true},
      {"src/**", "src/a", true},
      {"src/**", "src/a/b", true},
      {"src/**", "src", false},
      {"src/**", "srcs/a", false},
      {"**/x", "x", true},
      {"**/x", "a/x", true},
      {"**/x", "a/b/x", true},
      {"**/x", "ax", false},
      {"**/x", "a/xb", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"**/test/**", "a/test/b", true},
      {"**/test/**", "test/b/c", true},
      {"**/test/**", "tests/b", false},
      {"**/**/x", "x", true},
      {"**/*.cc", "a/b/c.cc", true},
      {"a**b", "axxb", true},
      {"a**b", "ax/b", false},
      {"?", "a", true},
      {"?", "é", true},
      {"?", "/", false},
      {"a?c", "a/c", false},
      {"??", "€", false},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[!a]", "/", false},
      {"[é-ü]", "ö", true},
      {"[]]", "]", true},
      {"[!]]", "a", true},
      {"[a-]", "-", true},
      {"[", "[", true},
      {"[ab", "[ab", true},
      {"a[/]b", "a[/]b", true},
      {"[[][[a/x", "[[[a/x", true},
      {"[a-/]", "[a-/]", true},
      {"a.b", "axb", false},
      {"(a|b)+", "(a|b)+", true},
      {"\xff", "\xff", true},
      {"?", "\xff", true},
  };
  for (const Match& match : kMatches) {
    EXPECT_EQ(glob_matches(match.pattern, match.path), match.matches)
        << match.pattern << " and " << match.path;
  }
}

TEST(Glob, DoesNotBacktrack) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "**/";
  std::string path;
  for (int i = 0; i < 500; ++i) path += "a/";
  EXPECT_FALSE(glob_matches(deep + "b", path + "a"));
  EXPECT_TRUE(glob_matches(deep + "a", path + "a"));
}

TEST(Glob, LooksForAMissingBracketOnce) {
  // A million brackets, each scanned to the end, would be 5 * 10^11 steps.
  EXPECT_FALSE(glob_matches(std::string(1'000'000, '['), "x"));
  EXPECT_TRUE(glob_matches(std::string(1000, '[') + "/[x]", std::string(1000, '[') + "/x"));
}

}  // namespace
}  // namespace writ
