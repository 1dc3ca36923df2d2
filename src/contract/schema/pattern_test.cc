#include "contract/schema/pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "contract/schema/class_sequence.h"
#include "contract/schema/ecma_regex.h"

namespace writ::contract {
namespace {

struct MatchCase {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

class PatternMatches : public testing::TestWithParam<MatchCase> {};

TEST_P(PatternMatches, AsEcmaScriptDoes) {
  const MatchCase& c = GetParam();
  const auto pattern = Pattern::compile(c.pattern);
  ASSERT_TRUE(pattern.has_value()) << c.pattern << ": " << pattern.error().text();
  EXPECT_EQ(pattern->matches(c.text), c.matches) << c.pattern << " on " << c.text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, PatternMatches,
    testing::Values(
        MatchCase{"b+", "abc", true}, MatchCase{"^b", "abc", false},
        MatchCase{"c$", "abc\n", false}, MatchCase{"^a.c$", "a\nc", false},
        MatchCase{"^a.c$",
                  "a\xf0\x9f\x90\xb2"
                  "c",
                  true},
        MatchCase{"^[^]$", "\n", true}, MatchCase{"[]", "x", false},
        MatchCase{"^\\/\\-$", "/-", true}, MatchCase{"^\\u{1F432}$", "\xf0\x9f\x90\xb2", true},
        MatchCase{"^\\uD83D\\uDC32$", "\xf0\x9f\x90\xb2", true},
        MatchCase{"^\\x41\\cJ\\0$", std::string_view("A\n\0", 3), true},
        MatchCase{"^[\\w-]+$", "a-b_9", true}, MatchCase{"^[\\b]$", "\b", true},
        MatchCase{"^[\\S]$", "\xc2\xa0", false}, MatchCase{"^[^\\s]$", "x", true},
        MatchCase{"\\bword\\b", "a word.", true}, MatchCase{"\\bword\\b", "words", false},
        MatchCase{"^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$", "2024-12", true},
        MatchCase{"^\\p{Script=Greek}+$", "\xce\xb1\xce\xb2", true},
        MatchCase{"^\\p{Lu}\\P{Lu}$", "Aa", true}, MatchCase{"^\\p{Uppercase_Letter}$", "a", false},
        MatchCase{"^x{2,1500}$", std::string_view(), false}, MatchCase{"^{$", "{", true},
        MatchCase{"^a{,3}$", "a{,3}", true}, MatchCase{"^[a-z]{2,3}?$", "abc", true}));

TEST(Pattern, CountsBeyondWhatRe2Takes) {
  const auto pattern = Pattern::compile("^(?:ab){2,2500}$");
  ASSERT_TRUE(pattern.has_value());
  const auto repeated = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "ab";
    return text;
  };
  EXPECT_FALSE(pattern->matches(repeated(1)));
  EXPECT_TRUE(pattern->matches(repeated(2)));
  EXPECT_TRUE(pattern->matches(repeated(2500)));
  EXPECT_FALSE(pattern->matches(repeated(2501)));
}

TEST(Pattern, RefusesWhatNeedsMoreThanLinearTime) {
  for (const std::string_view text :
       {"(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>"}) {
    const auto pattern = Pattern::compile(text);
    ASSERT_FALSE(pattern.has_value()) << text;
    EXPECT_EQ(pattern.error().code, Code::unsupported) << text;
    EXPECT_TRUE(is_ecma_regex(text)) << text;
  }
}

TEST(Pattern, RefusesWhatIsNoEcmaPattern) {
  for (const std::string_view text :
       {"(",    ")",     "[a",       "a**",    "*",     "\\",          "\\a",
        "\\Z",  "(?i)a", "(?P<n>a)", "(?#x)a", "[z-a]", "a{3,2}",      "\\u12",
        "\\p{", "\\pL",  "\\c1",     "(?<>a)", "^*",    "\\u{110000}", "\\01"}) {
    const auto pattern = Pattern::compile(text);
    EXPECT_FALSE(pattern.has_value()) << text;
    EXPECT_FALSE(is_ecma_regex(text)) << text;
  }
}

TEST(Pattern, StaysSmallWhereCountsAreNested) {
  std::string text = "a";
  for (int i = 0; i < 12; ++i) text = "(?:" + text + "){9999}";
  const auto pattern = Pattern::compile(text);
  ASSERT_FALSE(pattern.has_value());
  EXPECT_EQ(pattern.error().code, Code::unsupported);
}

TEST(ClassSequence, TakesAnchoredClassesAndLeavesTheRest) {
  const auto digest = ClassSequence::compile("^sha256:[0-9a-f]{64}$");
  ASSERT_TRUE(digest.has_value());
  EXPECT_TRUE(digest->matches("sha256:" + std::string(64, 'a')));
  EXPECT_FALSE(digest->matches("sha256:" + std::string(63, 'a')));
  EXPECT_TRUE(ClassSequence::compile("")->matches("anything"));
  for (const std::string_view text : {"a|b", "(a)", "[^a]", ".", "\\s", "a+?", "\xc3\xa9", "^a^"}) {
    EXPECT_FALSE(ClassSequence::compile(text).has_value()) << text;
  }
}

// Small words over what the sequences are made of.
std::vector<std::string> words(std::string_view alphabet, std::size_t longest) {
  std::vector<std::string> all = {""};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() == longest) continue;
    for (const char c : alphabet) all.push_back(all[i] + c);
  }
  return all;
}

TEST(ClassSequence, AgreesWithRe2) {
  const auto texts = words("ab-\n", 5);
  for (const std::string_view text :
       {"^a*b$", "a*b", "ab?", "^[ab]{2}$", "b{2,}", "^a{1,2}b{0,2}-?$", "[a-b]+-", "^a?a?aa$",
        "^[ab]*a[ab]$", "^\\w+\\-$", "a*", "^-{0}a$", "^$", "a$", "^[a\\-]{3,}"}) {
    const auto sequence = ClassSequence::compile(text);
    ASSERT_TRUE(sequence.has_value()) << text;
    const RE2 re2(*translate_ecma_regex(text));
    for (const std::string& word : texts) {
      EXPECT_EQ(sequence->matches(word), RE2::PartialMatch(word, re2)) << text << " on " << word;
    }
  }
}

}  // namespace
}  // namespace writ::contract
