#include <unistd.h>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

TEST_F(RepoTest, IsFoundFromAnyDirectoryInIt) {
  fs::create_directories(root_ / "a/b");
  const auto repo = Repo::open(root_ / "a/b");
  ASSERT_TRUE(repo);
  EXPECT_EQ(repo->root(), root_);
}

TEST_F(RepoTest, IsNotFoundOutside) {
  const auto repo = Repo::open(directory_);
  ASSERT_FALSE(repo);
  EXPECT_EQ(repo.error().code, Code::not_found);
  EXPECT_TRUE(repo.error().remediation.contains("git init"));
  EXPECT_EQ(Repo::open(directory_ / "missing").error().code, Code::not_found);
}

TEST_F(RepoTest, RefusesABareRepository) {
  bash("git init -q --bare ../bare");
  const auto repo = Repo::open(directory_ / "bare");
  ASSERT_FALSE(repo);
  EXPECT_EQ(repo.error().code, Code::invalid_input);
  EXPECT_TRUE(repo.error().message.contains("is bare"));
}

TEST_F(RepoTest, SaysWhatGitWouldLeaveOut) {
  write(".gitignore", ".*\n!.gitignore\n/build/\n");
  const auto repo = Repo::open(root_);
  ASSERT_TRUE(repo);
  EXPECT_EQ(repo->is_ignored(".writ/trust.yaml").value(), true);
  EXPECT_EQ(repo->is_ignored("build/a.o").value(), true);
  EXPECT_EQ(repo->is_ignored("src/a.cc").value(), false);
  EXPECT_EQ(repo->is_ignored("../elsewhere").error().code, Code::invalid_input);
}

TEST_F(RepoTest, NamesSafeDirectoryWhereAnotherUserOwnsIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  write("a", "1");
  bash("chown -R 12345:12345 .");
  const auto repo = Repo::open(root_);
  ASSERT_FALSE(repo);
  EXPECT_EQ(repo.error().code, Code::not_permitted);
  EXPECT_TRUE(repo.error().remediation.contains("safe.directory"));
}

TEST_F(RepoTest, TellsWhatAnUnbornBranchNeeds) {
  write("a", "1");
  const auto head = open().resolve("HEAD");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Code::not_found);
  EXPECT_TRUE(head.error().message.contains("no commit yet"));
  EXPECT_TRUE(head.error().remediation.contains("git commit"));
}

TEST_F(RepoTest, ResolvesRevisions) {
  write("a", "1");
  commit_all();
  bash("git tag -m annotated v1");
  write("a", "2");
  commit_all();
  const Repo repo = open();
  const std::string head = bash("git rev-parse HEAD").substr(0, 40);
  const std::string first = bash("git rev-parse HEAD~1").substr(0, 40);
  EXPECT_EQ(repo.resolve("HEAD")->hex, head);
  EXPECT_EQ(repo.resolve("main")->hex, head);
  EXPECT_EQ(repo.resolve("HEAD~1")->hex, first);
  EXPECT_EQ(repo.resolve("v1")->hex, first);
  EXPECT_EQ(repo.resolve(first.substr(0, 10))->hex, first);
}

TEST_F(RepoTest, RefusesWhatIsNoRevision) {
  write("a", "1");
  commit_all();
  const Repo repo = open();
  EXPECT_EQ(repo.resolve("nobody").error().code, Code::not_found);
  EXPECT_EQ(repo.resolve("").error().code, Code::invalid_input);
  EXPECT_EQ(repo.resolve("a..b^{").error().code, Code::invalid_input);
  EXPECT_EQ(repo.resolve("HEAD:a").error().code, Code::invalid_input);
  EXPECT_EQ(repo.resolve(std::string("HE\0AD", 5)).error().code, Code::invalid_input);
  EXPECT_EQ(repo.resolve(std::string(40, '0')).error().code, Code::not_found);
}

TEST_F(RepoTest, ReadsFilesAsTheyWere) {
  write("d/a", std::string("one\0\n", 5));
  bash("ln -s d/a link");
  commit_all();
  write("d/a", "two");
  const Repo repo = open();
  const CommitId head = *repo.resolve("HEAD");
  EXPECT_EQ(*repo.read_at(head, "d/a"), std::string("one\0\n", 5));
  EXPECT_EQ(*repo.read_at(head, "./d//a"), std::string("one\0\n", 5));
  EXPECT_EQ(*repo.read_at(head, "link"), "d/a");
  EXPECT_EQ(repo.read_at(head, "d").error().code, Code::invalid_input);
  EXPECT_EQ(repo.read_at(head, "missing").error().code, Code::not_found);
  EXPECT_EQ(repo.read_at(head, "d/a/b").error().code, Code::not_found);
  EXPECT_EQ(repo.read_at(head, "../a").error().code, Code::invalid_input);
  EXPECT_EQ(repo.read_at(head, "d/a", 4).error().code, Code::invalid_input);
  EXPECT_TRUE(repo.read_at(head, "d/a", 5));
  EXPECT_EQ(repo.read_at({"123"}, "d/a").error().code, Code::invalid_input);
  EXPECT_EQ(repo.read_at({std::string(40, 'a')}, "d/a").error().code, Code::not_found);
}

TEST_F(RepoTest, ListsFilesAsTheyWere) {
  write("a.b", "1");
  write("a/c", "1");
  write(".writ/trust.yaml", "1");
  commit_all();
  write("later", "1");
  const Repo repo = open();
  EXPECT_EQ(*repo.list_at(*repo.resolve("HEAD")),
            (std::vector<std::string>{".writ/trust.yaml", "a.b", "a/c"}));
}

}  // namespace
}  // namespace writ::repo
