// writ scan: the check outside a run.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using ScanTest = WritTest;

TEST_F(ScanTest, FindsNotesOfWorkNotDone) {
  write("src/a.cc", "int a(int n) {\n  return n * n;  // TODO later\n}\n");
  write("src/clean.cc", "int b() { return 2; }\n");
  commit();
  const Ran ran = writ_expecting(3, {"scan"});
  EXPECT_TRUE(contains(ran.out, "src/a.cc:2:")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "todo-comment")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "1 violation in 2 files")) << ran.out;
  writ_expecting(0, {"scan", "src/clean.cc"});
  writ_expecting(3, {"scan", "src"});
  writ_expecting(3, {"--dir", "src", "scan", "a.cc"});
}

TEST_F(ScanTest, ListsItsRules) {
  const Ran ran = writ_expecting(0, {"scan", "--list"});
  EXPECT_TRUE(contains(ran.out, "todo-comment")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "a function does nothing")) << ran.out;
  const Value rules = json(writ_expecting(0, {"scan", "--list", "--json"}).out);
  EXPECT_EQ(rules.as_array().size(), 14u);
  EXPECT_EQ(text_at(rules, {"0", "id"}), "deferred-work");
  EXPECT_EQ(text_at(rules, {"0", "looks_in"}), "comments");
  EXPECT_EQ(text_at(rules, {"0", "level"}), "error");
  const Value one =
      json(writ_expecting(0, {"scan", "--list", "--rules", "pass-only-body", "--json"}).out);
  EXPECT_EQ(text_at(one, {"0", "id"}), "pass-only-body");
  writ_expecting(2, {"scan", "--list", "--rules", "none"});
}

TEST_F(ScanTest, LeavesOutWhatGitIgnores) {
  write(".gitignore", "build/\n");
  write("build/a.cc", "// TODO\n");
  write("new.cc", "// clean\n");
  writ_expecting(0, {"scan"});
  write("new.cc", "// TODO\n");
  const Ran ran = writ_expecting(3, {"scan"});
  EXPECT_TRUE(contains(ran.out, "new.cc:1")) << ran.out;
  EXPECT_FALSE(contains(ran.out, "build/a.cc")) << ran.out;
}

TEST_F(ScanTest, LooksOnlyAtWhatChangedSinceARevision) {
  write("old.cc", "// TODO old\n");
  commit();
  write("new.cc", "// nothing\n");
  writ_expecting(0, {"scan", "--since", "HEAD"});
  write("new.cc", "// TODO new\n");
  const Ran ran = writ_expecting(3, {"scan", "--since", "HEAD"});
  EXPECT_TRUE(contains(ran.out, "new.cc:1:")) << ran.out;
  EXPECT_FALSE(contains(ran.out, "old.cc")) << ran.out;
  writ_expecting(2, {"scan", "--since", "no-such-revision"});
}

TEST_F(ScanTest, SpeaksJsonAndSarif) {
  write("a.cc", "// TODO\n");
  commit();
  const Value report = json(writ({"scan", "--format", "json"}).out);
  EXPECT_EQ(size_at(report, {"findings"}), 1u);
  const Value sarif = json(writ({"scan", "--format", "sarif"}).out);
  EXPECT_EQ(sarif.string_or("version", ""), "2.1.0");
  EXPECT_EQ(text_at(sarif, {"runs", "0", "results", "0", "ruleId"}), "todo-comment");
  writ_expecting(2, {"scan", "--format", "html"});
}

TEST_F(ScanTest, TakesRulesByName) {
  write("a.cc", "// TODO\n");
  commit();
  writ_expecting(3, {"scan", "--rules", "todo-comment"});
  writ_expecting(0, {"scan", "--rules", "fixme-comment"});
  writ_expecting(3, {"scan", "--rules", "fixme-comment", "--rules", "todo-comment", "a.cc"});
  const Ran ran = writ_expecting(2, {"scan", "--rules", "todo-coment"});
  EXPECT_TRUE(contains(ran.err, "todo-comment")) << ran.err;
}

TEST_F(ScanTest, StaysInsideTheRepository) {
  EXPECT_TRUE(contains(writ_expecting(2, {"scan", "../home"}).err, "out of the repository"));
  EXPECT_TRUE(contains(writ_expecting(2, {"scan", "no-such-file"}).err, "no-such-file"));
}

TEST_F(ScanTest, WorksWithoutARepository) {
  bash("echo '// TODO' > ../home/x.cc");
  const Ran ran = writ_expecting(3, {"--dir", beside("home").string(), "scan"});
  EXPECT_TRUE(contains(ran.out, "x.cc:1:4")) << ran.out;
}

}  // namespace
}  // namespace writ::e2e
