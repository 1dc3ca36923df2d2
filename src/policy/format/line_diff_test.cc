#include "policy/format/line_diff.h"

#include <gtest/gtest.h>

namespace writ::rego {
namespace {

TEST(LineDiff, IsEmptyForEqualTexts) { EXPECT_EQ(line_diff("p.rego", "a\nb\n", "a\nb\n"), ""); }

TEST(LineDiff, ShowsChangesWithThreeLinesOfContext) {
  EXPECT_EQ(line_diff("p.rego", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- p.rego\n+++ p.rego\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(LineDiff, SetsDistantChangesApart) {
  EXPECT_EQ(line_diff("p", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\nb\nc\n"),
            "--- p\n+++ p\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -7,3 +6,4 @@\n 6\n 7\n b\n+c\n");
}

TEST(LineDiff, SaysWhereALineEndIsMissing) {
  EXPECT_EQ(line_diff("p", "a", "a\n"),
            "--- p\n+++ p\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  EXPECT_EQ(line_diff("p", "", "a\n"), "--- p\n+++ p\n@@ -0,0 +1 @@\n+a\n");
}

}  // namespace
}  // namespace writ::rego
