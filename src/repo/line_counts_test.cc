#include "repo/line_counts.h"

#include <gtest/gtest.h>

#include "repo/git.h"

namespace writ::repo {
namespace {

TEST(LineCounts, CountALastLineWithoutBreak) {
  EXPECT_EQ(count_lines(""), 0u);
  EXPECT_EQ(count_lines("a"), 1u);
  EXPECT_EQ(count_lines("a\n"), 1u);
  EXPECT_EQ(count_lines("a\nb"), 2u);
  EXPECT_EQ(count_lines("\n\n"), 2u);
}

TEST(LineCounts, TellBinaryAsGitDoes) {
  EXPECT_FALSE(is_binary("text \xff\xfe"));
  EXPECT_TRUE(is_binary(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_binary(std::string(8000, 'a') + std::string(1, '\0')));
}

struct Case {
  std::string before;
  std::string after;
  std::uint32_t added;
  std::uint32_t removed;
};

TEST(LineCounts, CompareAsGitDoes) {
  start_git();
  const std::string big(17u << 20, '\n');
  const Case cases[] = {
      {"", "", 0, 0},
      {"", "a\nb\n", 2, 0},
      {"a\nb", "", 0, 2},
      {"a\nb\nc\n", "a\nB\nc\n", 1, 1},
      {"a\n", "a", 1, 1},
      {"a\nb\n", "b\nc\n", 1, 1},
      {"same\n", "same\n", 0, 0},
      {big, "x\n", 1, 17u << 20},
  };
  for (const Case& example : cases) {
    const auto counts = compare_lines(example.before, example.after);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->added, example.added) << example.after;
    EXPECT_EQ(counts->removed, example.removed) << example.after;
  }
}

}  // namespace
}  // namespace writ::repo
