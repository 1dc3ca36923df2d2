#include <gtest/gtest.h>

#include "base/words.h"

namespace writ {
namespace {

using Words = std::vector<std::string>;

struct Split {
  std::string line;
  Words words;
};

TEST(SplitWords, SplitsAsAShellWould) {
  const Split cases[] = {
      {"cmake -S . -B build", {"cmake", "-S", ".", "-B", "build"}},
      {"  a \t b  ", {"a", "b"}},
      {"a\n", {"a"}},
      {"\n  a b \n \n", {"a", "b"}},
      {"a 'b c' d", {"a", "b c", "d"}},
      {"a 'b'\"c\"d", {"a", "bcd"}},
      {"a ''", {"a", ""}},
      {"a \"\" b", {"a", "", "b"}},
      {R"(a \ b)", {"a", " b"}},
      {R"(a \*)", {"a", "*"}},
      {"a '*' '$HOME' '`x`' '|'", {"a", "*", "$HOME", "`x`", "|"}},
      {R"(a "b \" c \\ \n")", {"a", R"(b " c \ \n)"}},
      {R"(a "\$x \`y\`")", {"a", "$x `y`"}},
      {"a \\\n b", {"a", "b"}},
      {"a \"b\\\nc\"", {"a", "bc"}},
      {"a b#c d~e", {"a", "b#c", "d~e"}},
      {"make A=1", {"make", "A=1"}},
      {"./a=b/c x", {"./a=b/c", "x"}},
      {"a [x] {y,z} !", {"a", "[x]", "{y,z}", "!"}},
      {"a \xc3\xa9\xff", {"a", "\xc3\xa9\xff"}},
  };
  for (const Split& example : cases) {
    const auto words = split_words(example.line);
    ASSERT_TRUE(words) << example.line << ": " << words.error().text();
    EXPECT_EQ(*words, example.words) << example.line;
  }
}

TEST(SplitWords, RefusesWhatOnlyAShellUnderstands) {
  for (const char* line :
       {"a | b", "a > b", "a < b", "a & b", "a && b", "a ; b", "a *", "a b?", "a `b`", "a $B",
        "a \"$B\"", "a \"`b`\"", "(a)", "a ~/b", "# a", "a # b"}) {
    const auto words = split_words(line);
    ASSERT_FALSE(words) << line;
    EXPECT_EQ(words.error().code, Code::invalid_input) << line;
    EXPECT_TRUE(words.error().remediation.contains("shell: true")) << line;
  }
}

TEST(SplitWords, NamesCharacterAndPlace) {
  EXPECT_EQ(split_words("make | tee").error().message,
            "character 6 of the command is |, which only a shell understands");
  EXPECT_EQ(split_words("a 'b").error().message,
            "the quote ' at character 3 of the command is never closed");
}

struct Refusal {
  std::string line;
  std::string message_part;
};

TEST(SplitWords, RefusesWhatIsNoCommand) {
  const Refusal cases[] = {
      {"", "is empty"},
      {" \n", "is empty"},
      {"a \"b", "never closed"},
      {"a \"b\\", "never closed"},
      {"a \\", "ends with a backslash"},
      {"a\nb", "more than one line"},
      {"CC=clang make", "sets a variable"},
      {std::string("a\0b", 3), "NUL"},
      {std::string("a 'x\0y'", 8), "NUL"},
      {std::string("a \"x\0y\"", 8), "NUL"},
      {std::string("a \\\0", 4), "NUL"},
  };
  for (const Refusal& example : cases) {
    const auto words = split_words(example.line);
    ASSERT_FALSE(words) << example.line;
    EXPECT_EQ(words.error().code, Code::invalid_input) << example.line;
    EXPECT_TRUE(words.error().message.contains(example.message_part)) << words.error().text();
  }
}

}  // namespace
}  // namespace writ
