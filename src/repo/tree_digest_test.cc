#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

// The bash blocks of the format's page: the recipe, then the example.
std::vector<std::string> documented_blocks() {
  std::ifstream file(WRIT_SOURCE_DIR "/docs/formats/tree-digest.md");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> blocks;
  std::string page = text.str();
  const std::string open = "```bash\n";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  blocks.push_back(std::move(page));
  return blocks;
}

class TreeDigestTest : public RepoTest {
 protected:
  void expect_as_documented() {
    std::string recomputed = bash(documented_blocks().at(0));
    ASSERT_TRUE(recomputed.ends_with('\n'));
    recomputed.pop_back();
    EXPECT_EQ(tree(), recomputed);
  }
};

TEST_F(TreeDigestTest, IsWhatTheDocumentedExampleSays) {
  const auto blocks = documented_blocks();
  ASSERT_EQ(blocks.size(), 3u);
  fs::remove_all(root_ / ".git");
  bash(blocks[1]);
  const std::string digest = tree();
  EXPECT_TRUE(blocks[2].contains("and the tree digest is `" + digest + "`")) << digest;
  const auto files = open().tree_files({});
  ASSERT_TRUE(files);
  for (const TreeFile& file : *files) {
    EXPECT_TRUE(blocks[2].contains(" " + file.path + " NUL " + file.digest.hex() + " LF\n"))
        << file.path;
  }
  expect_as_documented();
}

TEST_F(TreeDigestTest, IsRecomputedByTheRecipe) {
  write("a.txt", "a");
  write("a/b.txt", "b");
  write("a-b", "");
  write("run", "#!/bin/sh\n");
  write("with space/new\nline", "odd");
  write("\xff\xfe not utf-8", "bytes");
  write(".gitignore", "*.log\n!keep.log\n/build/\nsub/*.tmp\n");
  write("x.log", "ignored");
  write("keep.log", "kept");
  write("build/out", "ignored");
  write("deep/build/in", "kept");
  write("sub/.gitignore", "!not.tmp\n");
  write("sub/yes.tmp", "ignored");
  write("sub/not.tmp", "kept");
  write(".writ/state", "private");
  write("sub/.writ/state", "private");
  fs::permissions(root_ / "run", fs::perms::owner_exec, fs::perm_options::add);
  fs::create_symlink("nowhere", root_ / "dangling");
  fs::create_symlink("/etc", root_ / "outside");
  fs::create_directory(root_ / "empty");
  bash("git add -f a.txt x.log && mkfifo pipe");
  expect_as_documented();
  commit_all();
  expect_as_documented();
  bash("rm a.txt && mkdir a.txt && echo in > a.txt/in && echo gone > .git/info/exclude");
  write("gone", "excluded");
  expect_as_documented();
  EXPECT_EQ(paths(), (Paths{".gitignore", "a-b", "a.txt/in", "a/b.txt", "dangling", "deep/build/in",
                            "keep.log", "outside", "run", "sub/.gitignore", "sub/not.tmp",
                            "with space/new\nline", "x.log", "\xff\xfe not utf-8"}));
}

// Random trees under random ignore rules: git ls-files is the judge.
TEST_F(TreeDigestTest, IsRecomputedByTheRecipeForRandomTrees) {
  std::mt19937 random(11);
  const Paths names{"a", "b", "c.o", "d.log", "build", "src"};
  const Paths rules{"*.o",  "!c.o", "build/", "/a",     "src/*",     "!src/a",
                    "**/b", "a/**", "d.*",    "!d.log", "src/build", "/src/a/"};
  const auto pick = [&](const Paths& from) { return from[random() % from.size()]; };
  for (int round = 0; round < 12; ++round) {
    bash("find . -mindepth 1 -not -path './.git*' -delete; rm -rf .git .gitignore; git init -q .");
    for (int i = 0; i < 25; ++i) {
      std::string path = pick(names);
      for (std::size_t depth = random() % 4; depth > 0; --depth) path += "/" + pick(names);
      std::error_code error;
      fs::create_directories((root_ / path).parent_path(), error);
      if (!error && !fs::exists(root_ / path)) std::ofstream(root_ / path) << path;
    }
    std::string ignore;
    for (int i = 0; i < 4; ++i) ignore += pick(rules) + "\n";
    write(".gitignore", ignore);
    if (fs::is_directory(root_ / "src")) write("src/.gitignore", pick(rules) + "\n");
    bash("find . -type f -not -path './.git/*' | sort | awk 'NR % 3 == 0' | xargs -r git add -f");
    SCOPED_TRACE(ignore + bash("git ls-files -co --exclude-standard"));
    expect_as_documented();
  }
}

TEST_F(TreeDigestTest, CountsSubmodulesByHeadAndContent) {
  bash("git init -q ../lib && cd ../lib && echo 1 > lib.txt && git add . && git commit -qm lib");
  bash("git -c protocol.file.allow=always submodule --quiet add ../lib sub");
  commit_all();
  EXPECT_EQ(paths(), (Paths{".gitmodules", "sub"}));
  EXPECT_EQ(open().tree_files({})->back().mode, 0160000u);
  const std::string clean = tree();
  expect_as_documented();
  bash("cd sub && echo 2 > lib.txt");
  const std::string edited = tree();
  expect_as_documented();
  EXPECT_NE(edited, clean);
  bash("cd sub && git commit -qam two");
  EXPECT_NE(tree(), edited);
  expect_as_documented();
  bash("git submodule deinit -q -f sub");
  EXPECT_EQ(paths(), Paths{".gitmodules"});
  expect_as_documented();
}

TEST_F(TreeDigestTest, CountsRepositoriesInsideThatNobodyAdded) {
  bash("git init -q inner && echo x > inner/file && git init -q fresh");
  write("inner/more", "y");
  bash("cd inner && git add file && git commit -qm inner");
  EXPECT_EQ(paths(), (Paths{"fresh", "inner"}));
  expect_as_documented();
  const std::string before = tree();
  write("inner/more", "z");
  EXPECT_NE(tree(), before);
  EXPECT_EQ(paths({"fresh"}), Paths{"inner"});
  write("fake/.git/HEAD", "no repository");
  write("fake/file", "x");
  EXPECT_EQ(paths(), (Paths{"fake/file", "fresh", "inner"}));
}

TEST_F(TreeDigestTest, RefusesEndlessNesting) {
  std::string path;
  for (int i = 0; i < 10; ++i) path += std::string(path.empty() ? "" : "/") + "n";
  bash("p=.; for i in $(seq 10); do p=$p/n; git init -q $p; done");
  const auto digest = open().tree_digest({});
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::invalid_input);
}

TEST_F(TreeDigestTest, LeavesOutUntrackedOutputsOnly) {
  write("src/a.cc", "a");
  write("build/tracked", "t");
  commit_all();
  write("build/made", "m");
  write("report.xml", "r");
  EXPECT_EQ(paths({"build/**", "*.xml"}), (Paths{"build/tracked", "src/a.cc"}));
  EXPECT_EQ(paths(), (Paths{"build/made", "build/tracked", "report.xml", "src/a.cc"}));
}

TEST_F(TreeDigestTest, ChangesWithEverythingThatCounts) {
  write("a", "1");
  commit_all();
  std::vector<std::string> digests{tree()};
  for (const char* change : {"echo 2 > a", "chmod +x a", "touch untracked",
                             "rm a && ln -s untracked a", "rm a && ln -s elsewhere a", "rm a"}) {
    bash(change);
    const std::string digest = tree();
    EXPECT_EQ(std::ranges::count(digests, digest), 0) << change;
    digests.push_back(digest);
  }
}

TEST_F(TreeDigestTest, DoesNotChangeByCommittingOrStaging) {
  write("a", "1");
  const std::string before = tree();
  bash("git add a");
  EXPECT_EQ(tree(), before);
  bash("git commit -qm a");
  EXPECT_EQ(tree(), before);
}

TEST_F(TreeDigestTest, OfAnEmptyTreeIsTheEmptyDigest) {
  const auto digest = open().tree_digest({});
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->files, 0u);
  EXPECT_EQ(digest->digest, crypto::sha256(""));
}

TEST_F(TreeDigestTest, OfSomeGlobsCoversThoseFilesAlone) {
  write("src/a.cc", "a");
  write("src/b.h", "b");
  write("doc/c.md", "c");
  const Repo repo = open();
  const std::vector<std::string> globs{"src/**"};
  const auto before = repo.tree_digest_of(globs, {});
  ASSERT_TRUE(before);
  EXPECT_EQ(before->files, 2u);
  write("doc/c.md", "other");
  EXPECT_EQ(repo.tree_digest_of(globs, {})->digest, before->digest);
  write("src/b.h", "other");
  EXPECT_NE(repo.tree_digest_of(globs, {})->digest, before->digest);
}

TEST_F(TreeDigestTest, SeesEveryChangeThroughTheSameRepo) {
  const Repo repo = open();
  std::string last;
  for (int i = 0; i < 200; ++i) {
    // Same size, and often the very tick of the one before.
    write("a", std::to_string(1000 + i));
    const auto digest = repo.tree_digest({});
    ASSERT_TRUE(digest);
    EXPECT_NE(digest->digest.hex(), last) << i;
    last = digest->digest.hex();
  }
}

TEST_F(TreeDigestTest, SeesAChangeWhoseModificationTimeWasSetBack) {
  write("a", "one");
  bash("touch -d '2020-01-01 UTC' a");
  age("a");
  const Repo repo = open();
  const auto before = repo.tree_digest({});
  write("a", "two");
  bash("touch -d '2020-01-01 UTC' a");
  EXPECT_NE(repo.tree_digest({})->digest, before->digest);
}

TEST_F(TreeDigestTest, TellsWhichFileCannotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root can read everything";
  write("a", "1");
  fs::permissions(root_ / "a", fs::perms::none);
  const auto digest = open().tree_digest({});
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::unavailable);
  EXPECT_EQ(digest.error().message, "cannot read a: Permission denied");
}

}  // namespace
}  // namespace writ::repo
