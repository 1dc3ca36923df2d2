// writ policy: what OPA's users type, and what they expect back.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using PolicyTest = WritTest;

constexpr std::string_view kUntidy = "package a\np=1   # one\nallow if {input.x==1}\n";
constexpr std::string_view kTidy = "package a\n\np := 1 # one\nallow if input.x == 1\n";

TEST_F(PolicyTest, FmtPrintsTheLayoutAndLeavesFilesAlone) {
  write("p/a.rego", kUntidy);
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "p/a.rego"}).out, kTidy);
  EXPECT_EQ(writ({"policy", "fmt"}, kUntidy).out, kTidy);
  EXPECT_EQ(read("p/a.rego"), kUntidy);
}

TEST_F(PolicyTest, FmtListsShowsAndWritesWhatDiffers) {
  write("p/a.rego", kUntidy);
  write("p/b.rego", "package b\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-l", "p"}).out, "p/a.rego\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-d", "p"}).out,
            "--- p/a.rego\n+++ p/a.rego\n@@ -1,3 +1,4 @@\n package a\n-p=1   # one\n-allow if "
            "{input.x==1}\n+\n+p := 1 # one\n+allow if input.x == 1\n");
  EXPECT_EQ(writ_expecting(2, {"policy", "fmt", "--fail", "p"}).err, "unexpected diff\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-w", "p"}).out, "");
  EXPECT_EQ(read("p/a.rego"), kTidy);
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "--fail", "-l", "p"}).out, "");
}

TEST_F(PolicyTest, FmtNamesWhatItCannotRead) {
  write("bad.rego", "package a\np if {\n");
  EXPECT_TRUE(contains(writ_expecting(2, {"policy", "fmt", "bad.rego"}).err,
                       "bad.rego:3: rego_parse_error: unexpected eof token"));
  EXPECT_TRUE(contains(writ_expecting(1, {"policy", "fmt", "none.rego"}).err, "none.rego"));
}

}  // namespace
}  // namespace writ::e2e
