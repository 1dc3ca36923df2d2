#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

class ChangesTest : public RepoTest {
 protected:
  // "+a 1+ 0- =1" per change: kind, path, lines added, removed, now; "bin" instead for binaries.
  std::vector<std::string> changes(const Repo& repo, const std::string& base,
                                   std::vector<std::string> outputs = {}) {
    const auto commit = repo.resolve(base);
    EXPECT_TRUE(commit);
    const auto found = repo.changes_since(*commit, outputs);
    EXPECT_TRUE(found) << found.error().text();
    std::vector<std::string> texts;
    if (!found) return texts;
    for (const Change& change : *found) {
      const char kind = change.kind == ChangeKind::added     ? '+'
                        : change.kind == ChangeKind::removed ? '-'
                                                             : '~';
      texts.push_back(kind + change.path +
                      (change.is_binary ? std::string(" bin") : counts(change)));
    }
    return texts;
  }
  std::vector<std::string> changes(const std::string& base = "HEAD",
                                   std::vector<std::string> outputs = {}) {
    return changes(open(), base, std::move(outputs));
  }

 private:
  static std::string counts(const Change& change) {
    return " " + std::to_string(change.lines_added) + "+ " + std::to_string(change.lines_removed) +
           "- =" + std::to_string(change.lines_now);
  }
};

using Texts = std::vector<std::string>;

TEST_F(ChangesTest, AreNoneInAFreshCheckout) {
  write("a", "1\n");
  write("b/c", "2\n");
  bash("ln -s a link; chmod +x a");
  commit_all();
  EXPECT_EQ(changes(), Texts{});
  bash("touch a b/c");
  EXPECT_EQ(changes(), Texts{});
}

TEST_F(ChangesTest, NameWhatWasAddedModifiedAndRemoved) {
  write("gone", "1\n2\n");
  write("kept", "same\n");
  write("changed", "1\n2\n3\n");
  commit_all();
  fs::remove(root_ / "gone");
  write("changed", "1\ntwo\n3\n4\n");
  write("new/file", "a\nb");
  write("staged", "s\n");
  bash("git add staged");
  EXPECT_EQ(changes(), (Texts{"~changed 2+ 1- =4", "-gone 0+ 2- =0", "+new/file 2+ 0- =2",
                              "+staged 1+ 0- =1"}));
}

TEST_F(ChangesTest, IncludeWhatWasCommittedSinceTheBase) {
  write("a", "1\n");
  commit_all();
  write("a", "2\n");
  write("b", "1\n");
  commit_all();
  write("b", "1\n2\n");
  EXPECT_EQ(changes("HEAD~1"), (Texts{"~a 1+ 1- =1", "+b 2+ 0- =2"}));
  EXPECT_EQ(changes("HEAD"), Texts{"~b 1+ 0- =2"});
}

TEST_F(ChangesTest, LeaveOutIgnoredFilesOutputsAndPrivateOnes) {
  write("a", "1\n");
  write(".gitignore", "*.log\n");
  write(".writ/trust.yaml", "keys\n");
  commit_all();
  write("x.log", "noise\n");
  write("out/report", "r\n");
  write(".writ/trust.yaml", "forged\n");
  EXPECT_EQ(changes("HEAD", {"out/**"}), Texts{});
  write("forced.log", "f\n");
  bash("git add -f forced.log");
  EXPECT_EQ(changes("HEAD", {"out/**"}), Texts{"+forced.log 1+ 0- =1"});
}

TEST_F(ChangesTest, SeeThroughAManipulatedIndex) {
  write("a", "1\n");
  write("b", "1\n");
  write("c", "1\n");
  commit_all();
  write("a", "2\n");
  write("b", "2\n");
  write("c", "2\n");
  bash(
      "git update-index --assume-unchanged a && git update-index --skip-worktree b && "
      "git rm -q --cached c && echo c > .git/info/exclude");
  EXPECT_EQ(changes(), (Texts{"~a 1+ 1- =1", "~b 1+ 1- =1", "~c 1+ 1- =1"}));
}

TEST_F(ChangesTest, CallAMoveARemovalAndAnAddition) {
  write("old", "1\n2\n");
  commit_all();
  bash("git mv old new");
  EXPECT_EQ(changes(), (Texts{"+new 2+ 0- =2", "-old 0+ 2- =0"}));
}

TEST_F(ChangesTest, IncludeModesAndKinds) {
  write("script", "x\n");
  write("file", "target");
  write("dir/inside", "x\n");
  commit_all();
  bash("chmod +x script && rm file && ln -s target file && rm -r dir && echo y > dir");
  EXPECT_EQ(changes(),
            (Texts{"+dir 1+ 0- =1", "-dir/inside 0+ 1- =0", "~file 0+ 0- =1", "~script 0+ 0- =1"}));
  bash("git config core.fileMode false");
  EXPECT_EQ(changes().back(), "~file 0+ 0- =1");
}

TEST_F(ChangesTest, CountNoLinesOfBinaries) {
  write("image", std::string("\0one\n", 5));
  commit_all();
  write("image", std::string("\0two\n", 5));
  write("new.bin", std::string("\0", 1));
  EXPECT_EQ(changes(), (Texts{"~image bin", "+new.bin bin"}));
}

TEST_F(ChangesTest, DoNotMistakeLineEndingsForChanges) {
  write(".gitattributes", "*.txt text eol=crlf\n");
  write("a.txt", "1\r\n2\r\n");
  commit_all();
  EXPECT_EQ(bash("git cat-file -p HEAD:a.txt"), "1\n2\n");
  EXPECT_EQ(changes(), Texts{});
  write("a.txt", "1\r\n2\r\n3\r\n");
  EXPECT_EQ(changes(), Texts{"~a.txt 1+ 0- =3"});
}

TEST_F(ChangesTest, FollowLineEndingRulesThatComeLater) {
  write("a.txt", "1\r\n");
  write("b.txt", "1\n");
  commit_all();
  age("b.txt");
  const Repo repo = open();
  EXPECT_EQ(changes(repo, "HEAD"), Texts{});
  bash("echo '*.txt text' > .git/info/attributes");
  EXPECT_EQ(changes(repo, "HEAD"), Texts{"~a.txt 1+ 1- =1"});
  bash("echo '*.txt -text' > .git/info/attributes");
  EXPECT_EQ(changes(repo, "HEAD"), Texts{});
}

TEST_F(ChangesTest, IncludeSubmodulesThatMovedOrWereEdited) {
  bash("git init -q ../lib && cd ../lib && echo 1 > lib.txt && git add . && git commit -qm lib");
  bash("git -c protocol.file.allow=always submodule --quiet add ../lib sub");
  commit_all();
  EXPECT_EQ(changes(), Texts{});
  bash("echo 2 > sub/lib.txt");
  EXPECT_EQ(changes(), Texts{"~sub 0+ 0- =0"});
  bash("cd sub && git commit -qam two");
  EXPECT_EQ(changes(), Texts{"~sub 0+ 0- =0"});
  bash("git submodule deinit -q -f sub");
  EXPECT_EQ(changes(), Texts{});
  bash("rmdir sub");
  EXPECT_EQ(changes(), Texts{"-sub 0+ 0- =0"});
}

TEST_F(ChangesTest, AreSeenThroughTheSameRepoAgainAndAgain) {
  write("a", "1\n");
  commit_all();
  const Repo repo = open();
  for (int i = 2; i < 40; ++i) {
    write("a", std::to_string(i % 10) + "\n");
    EXPECT_EQ(changes(repo, "HEAD"), i % 10 == 1 ? Texts{} : Texts{"~a 1+ 1- =1"}) << i;
  }
}

TEST_F(ChangesTest, KeepNamesThatAreNoUtf8) {
  write("\xff", "1\n");
  commit_all();
  write("\xff", "2\n");
  EXPECT_EQ(changes(), Texts{"~\xff 1+ 1- =1"});
}

TEST_F(ChangesTest, NeedABaseThatExists) {
  write("a", "1\n");
  commit_all();
  EXPECT_EQ(open().changes_since({std::string(40, 'b')}, {}).error().code, Code::not_found);
}

}  // namespace
}  // namespace writ::repo
