#include "repo/file_cache.h"

#include <fstream>

#include "repo/testing/fixture.h"

namespace writ::repo {
namespace {

class FileCacheTest : public RepoTest {
 protected:
  ScannedFile scanned(const std::string& path, std::uint32_t mode = kRegularMode) {
    struct stat info{};
    EXPECT_EQ(::lstat((root_ / path).c_str(), &info), 0);
    return {path, mode, to_file_stat(info)};
  }
  FileCache cache_{root_};
};

TEST_F(FileCacheTest, ReadsAnUnchangedFileOnce) {
  write("a", "content");
  age("a");
  const ScannedFile file = scanned("a");
  EXPECT_EQ(cache_.digest(file)->hex(), crypto::sha256("content").hex());
  EXPECT_EQ(cache_.digest(file)->hex(), crypto::sha256("content").hex());
  EXPECT_EQ(cache_.files_read(), 1u);
}

TEST_F(FileCacheTest, ReadsAFileAgainThatWasWrittenJustNow) {
  write("a", "content");
  const ScannedFile file = scanned("a");
  ASSERT_TRUE(cache_.digest(file));
  ASSERT_TRUE(cache_.digest(file));
  EXPECT_EQ(cache_.files_read(), 2u);
}

TEST_F(FileCacheTest, NoticesThatAFileIsAnotherThanScanned) {
  write("a", "one");
  const ScannedFile file = scanned("a");
  write("a", "three");
  const auto digest = cache_.digest(file);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::unavailable);
  EXPECT_EQ(digest.error().message, "a changed while it was being read");
  std::filesystem::remove(root_ / "a");
  EXPECT_EQ(cache_.digest(file).error().code, Code::unavailable);
  EXPECT_EQ(cache_.blob_id(nullptr, file).error().code, Code::unavailable);
}

TEST_F(FileCacheTest, NeverFollowsALink) {
  write("target", "content");
  std::filesystem::create_symlink("target", root_ / "link");
  EXPECT_EQ(cache_.digest(scanned("link", kLinkMode))->hex(), crypto::sha256("target").hex());
  // A file that became a link after the scan.
  write("a", "content");
  const ScannedFile file = scanned("a");
  std::filesystem::remove(root_ / "a");
  std::filesystem::create_symlink("target", root_ / "a");
  EXPECT_EQ(cache_.digest(file).error().code, Code::unavailable);
}

TEST_F(FileCacheTest, ReadsLinksToLongTargets) {
  const std::string target(3000, 't');
  std::filesystem::create_symlink(target, root_ / "link");
  EXPECT_EQ(*cache_.read(scanned("link", kLinkMode)), target);
}

TEST_F(FileCacheTest, ForgetsFilesThatAreGone) {
  std::vector<ScannedFile> files;
  for (int i = 0; i < 1100; ++i) {
    write("d/" + std::to_string(i), "x");
    files.push_back(scanned("d/" + std::to_string(i)));
  }
  age("d/1099");
  for (const ScannedFile& file : files) ASSERT_TRUE(cache_.digest(file));
  const ScannedFile kept = files.front();
  cache_.prune({kept});
  const std::size_t before = cache_.files_read();
  ASSERT_TRUE(cache_.digest(kept));
  EXPECT_EQ(cache_.files_read(), before);
  ASSERT_TRUE(cache_.digest(files.back()));
  EXPECT_EQ(cache_.files_read(), before + 1);
}

}  // namespace
}  // namespace writ::repo
