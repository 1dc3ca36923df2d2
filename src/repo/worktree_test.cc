#include <fstream>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

class WorktreeTest : public RepoTest {
 protected:
  void SetUp() override {
    write("a", "one");
    write("d/b", "b");
    commit_all();
    base_ = *open().resolve("HEAD");
    write("a", "two");
    commit_all();
    write("a", "three");
  }
  CommitId base_;
};

TEST_F(WorktreeTest, HoldsTheFilesOfItsCommit) {
  const Repo repo = open();
  const fs::path place = directory_ / "new/base";
  ASSERT_TRUE(repo.add_worktree(base_, place));
  std::ifstream file(place / "a");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "one");
  const auto linked = Repo::open(place);
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->root(), place);
  EXPECT_EQ(linked->resolve("HEAD")->hex, base_.hex);
  EXPECT_TRUE(linked->changes_since(base_, {})->empty());
  EXPECT_EQ(bash("cat a; git branch --format='%(refname)'"), "threerefs/heads/main\n");
  EXPECT_EQ(bash("git -C ../new/base status --porcelain; git -C ../new/base branch --show-current"),
            "");
}

TEST_F(WorktreeTest, HasTheDigestOfItsCommit) {
  const Repo repo = open();
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
  bash("git stash -q && git checkout -q " + base_.hex);
  EXPECT_EQ(Repo::open(directory_ / "base")->tree_digest({})->digest, repo.tree_digest({})->digest);
}

TEST_F(WorktreeTest, IsForgottenWhenRemoved) {
  const Repo repo = open();
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
  ASSERT_TRUE(repo.remove_worktree(directory_ / "base"));
  EXPECT_FALSE(fs::exists(directory_ / "base"));
  EXPECT_EQ(bash("git worktree list | wc -l"), "1\n");
  EXPECT_EQ(repo.remove_worktree(directory_ / "base").error().code, Code::not_found);
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
}

TEST_F(WorktreeTest, IsForgottenWhenItsDirectoryIsGoneAlready) {
  const Repo repo = open();
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
  fs::remove_all(directory_ / "base");
  ASSERT_TRUE(repo.remove_worktree(directory_ / "base"));
  EXPECT_EQ(bash("git worktree list | wc -l"), "1\n");
}

TEST_F(WorktreeTest, IsForgottenWhenAFaultLeftHalfOfIt) {
  const Repo repo = open();
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
  bash("rm .git/worktrees/*/gitdir .git/worktrees/*/HEAD; rm -r ../base");
  ASSERT_TRUE(repo.remove_worktree(directory_ / "base"));
  EXPECT_EQ(bash("ls .git/worktrees"), "");
  ASSERT_TRUE(repo.add_worktree(base_, directory_ / "base"));
  EXPECT_EQ(bash("cat ../base/a"), "one");
}

TEST_F(WorktreeTest, NeverReplacesWhatIsThere) {
  const Repo repo = open();
  fs::create_directory(directory_ / "there");
  EXPECT_EQ(repo.add_worktree(base_, directory_ / "there").error().code, Code::conflict);
  EXPECT_EQ(repo.remove_worktree(directory_ / "there").error().code, Code::not_found);
  EXPECT_TRUE(fs::exists(directory_ / "there"));
}

TEST_F(WorktreeTest, NeedsACommitThatExists) {
  const auto made = open().add_worktree({std::string(40, 'c')}, directory_ / "base");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::not_found);
  EXPECT_FALSE(fs::exists(directory_ / "base"));
}

}  // namespace
}  // namespace writ::repo
