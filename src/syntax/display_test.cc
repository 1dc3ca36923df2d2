#include "syntax/display.h"

#include <gtest/gtest.h>

namespace writ::syntax {
namespace {

TEST(Display, ReplacesMalformedBytes) {
  EXPECT_EQ(displayed("a\xC3\xA4\xFF"
                      "b\xE2\x82"),
            "a\xC3\xA4\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(displayed(""), "");
}

TEST(Display, CutsBeforeACharacterThatDoesNotFit) {
  EXPECT_EQ(displayed("a\xE2\x82\xAC\xE2\x82\xAC", 6), "a\xE2\x82\xAC");
  EXPECT_EQ(displayed("a\xE2\x82\xAC\xE2\x82\xAC", 7), "a\xE2\x82\xAC\xE2\x82\xAC");
  EXPECT_EQ(displayed("\xFF", 2), "");
  EXPECT_EQ(displayed("abc", 0), "");
}

TEST(Display, CountsCharacters) {
  EXPECT_EQ(count_characters("a\xE2\x82\xAC\xFF"), 3u);
  EXPECT_EQ(count_characters(""), 0u);
}

}  // namespace
}  // namespace writ::syntax
