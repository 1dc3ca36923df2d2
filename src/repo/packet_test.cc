// A packet's tree: begun as the working tree is, and brought back to it.
#include <fstream>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

using Paths = std::vector<std::string>;

class PacketTest : public RepoTest {
 protected:
  void SetUp() override {
    write("a", "one");
    write("b", "one");
    write("d/c", "one");
    commit_all();
    base_ = *open().resolve("HEAD");
  }

  // A worktree of the working tree as it stands.
  void begin() {
    const Repo repo = open();
    base_ = *repo.snapshot(base_, outputs_, "packet");
    ASSERT_TRUE(repo.add_worktree(base_, place_));
  }

  Result<BroughtBack> bring_back() {
    const Repo from = *Repo::open(place_);
    return open().bring_back(from, base_, outputs_);
  }

  CommitId base_;
  Paths outputs_;
  fs::path place_ = directory_ / "packet";
};

TEST_F(PacketTest, BeginsWithTheWorkingTreeAsItStands) {
  write("a", "two");
  write("new", "new");
  bash("rm b; ln -s a link; chmod +x d/c; echo x >.git/info/exclude; mkdir .writ; echo t >.writ/t");
  begin();
  EXPECT_EQ(Repo::open(place_)->tree_digest({})->digest, open().tree_digest({})->digest);
  EXPECT_FALSE(fs::exists(place_ / ".writ"));
  EXPECT_TRUE(Repo::open(place_)->changes_since(base_, {})->empty());
}

TEST_F(PacketTest, LeavesIndexBranchesAndHeadAlone) {
  write("a", "two");
  const std::string before = bash("git status --porcelain; git rev-parse HEAD; git branch -a");
  begin();
  EXPECT_EQ(bash("git status --porcelain; git rev-parse HEAD; git branch -a | grep -v detached"),
            before);
  EXPECT_EQ(bash("git for-each-ref refs/writ --format='%(refname)'"), "refs/writ/packet\n");
}

TEST_F(PacketTest, IsTheBaseItselfWithoutChanges) {
  EXPECT_EQ(open().snapshot(base_, {}, "packet")->hex, base_.hex);
  EXPECT_EQ(bash("git for-each-ref refs/writ"), "");
}

TEST_F(PacketTest, IsTheSameCommitForTheSameFiles) {
  write("a", "two");
  const CommitId first = *open().snapshot(base_, {}, "packet");
  EXPECT_EQ(open().snapshot(base_, {}, "packet")->hex, first.hex);
}

TEST_F(PacketTest, LeavesOutWhatStepsProduce) {
  outputs_ = {"build/**"};
  write("build/x", "x");
  write("a", "two");
  begin();
  EXPECT_FALSE(fs::exists(place_ / "build"));
}

TEST_F(PacketTest, IsBroughtBackWithEveryKindOfChange) {
  begin();
  bash(
      "cd ../packet; echo two >a; rm b; rm d/c; mkdir new; echo n >new/n; chmod +x new/n; "
      "ln -s ../a new/link");
  const auto brought = bring_back();
  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(brought->paths, (Paths{"a", "b", "d/c", "new/link", "new/n"}));
  EXPECT_TRUE(brought->conflicts.empty());
  EXPECT_EQ(Repo::open(place_)->tree_digest({})->digest, open().tree_digest({})->digest);
  EXPECT_FALSE(fs::exists(root_ / "d")) << "as git does";
  EXPECT_EQ(bash("readlink new/link; test -x new/n && cat new/n"), "../a\nn\n");
}

TEST_F(PacketTest, LeavesTheWorkOfOthersWhereItIs) {
  begin();
  write("b", "of somebody else");
  write("other", "too");
  bash("cd ../packet; echo two >a");
  EXPECT_EQ(bring_back()->paths, Paths{"a"});
  EXPECT_EQ(bash("cat b other a"), "of somebody elsetootwo\n");
}

TEST_F(PacketTest, BringsNothingBackWhereBothChangedAFile) {
  begin();
  write("b", "mine");
  bash("cd ../packet; echo two >a; echo theirs >b; echo n >new");
  const auto brought = bring_back();
  EXPECT_EQ(brought->conflicts, Paths{"b"});
  EXPECT_EQ(bash("cat a b; ls"), "oneminea\nb\nd\n");
}

TEST_F(PacketTest, BringsBackWhatBothSidesAgreeOn) {
  begin();
  write("a", "agreed");
  bash("cd ../packet; printf agreed >a; echo n >new");
  EXPECT_EQ(bring_back()->paths, (Paths{"a", "new"}));
}

TEST_F(PacketTest, MayBeBroughtBackTwice) {
  begin();
  bash("cd ../packet; echo two >a; rm b; echo n >new");
  const Paths all{"a", "b", "new"};
  EXPECT_EQ(bring_back()->paths, all);
  bash("git checkout -q b");  // as after a crash: some are there, some are not
  EXPECT_EQ(bring_back()->paths, all);
  EXPECT_FALSE(fs::exists(root_ / "b"));
}

TEST_F(PacketTest, ReplacesAFileByADirectoryOfItsName) {
  begin();
  bash("cd ../packet; rm a; mkdir a; echo x >a/x");
  EXPECT_TRUE(bring_back()->conflicts.empty());
  EXPECT_EQ(bash("cat a/x"), "x\n");
}

TEST_F(PacketTest, GoesOnWhereACrashLeftHalfOfAReplacement) {
  begin();
  bash("cd ../packet; rm a; mkdir a; echo x >a/x; ln -s a b.new; mv b.new b");
  bash("rm a; mkdir a; printf half >../packet.staged");
  EXPECT_EQ(bring_back()->paths, (Paths{"a", "a/x", "b"}));
  EXPECT_EQ(bash("cat a/x; readlink b; git status --porcelain --untracked-files=all"),
            "x\na\n D a\n T b\n?? a/x\n");
  EXPECT_FALSE(fs::exists(directory_ / "packet.staged"));
}

TEST_F(PacketTest, ReplacesNoDirectory) {
  begin();
  write("d/mine", "mine");
  bash("cd ../packet; rm -r d; echo file >d");
  EXPECT_EQ(bring_back()->conflicts, Paths{"d"});
  EXPECT_EQ(bash("cat d/c"), "one") << "nothing was removed";
}

TEST_F(PacketTest, WritesThroughNoLinkThatLeadsOut) {
  begin();
  bash("mkdir ../outside; ln -s ../outside e; cd ../packet; mkdir e; echo x >e/x");
  EXPECT_EQ(bring_back()->conflicts, Paths{"e/x"});
  EXPECT_EQ(bash("ls ../outside"), "");
}

TEST_F(PacketTest, KeepsLineEndingsThatGitConverts) {
  write(".gitattributes", "*.txt text eol=crlf\n");
  write("t.txt", "one\r\n");
  commit_all();
  base_ = *open().resolve("HEAD");
  begin();
  bash("cd ../packet; printf 'one\\r\\ntwo\\r\\n' >t.txt");
  EXPECT_EQ(bring_back()->paths, Paths{"t.txt"});
  EXPECT_EQ(bash("cat t.txt"), "one\r\ntwo\r\n");
}

}  // namespace
}  // namespace writ::repo
