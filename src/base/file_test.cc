#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/testing/temporary_directory.h"

namespace writ {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;

  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
  }
  static unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions()) & 0777u;
  }
};

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::string bytes("a\0b\n\xff", 5);
  const fs::path path = directory_.path() / "file";
  ASSERT_TRUE(replace_file(path, bytes));
  EXPECT_EQ(read_file(path, 5).value(), bytes);
  ASSERT_TRUE(replace_file(path, ""));
  EXPECT_EQ(read_file(path, 0).value(), "");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, RefusesMoreBytesThanAllowed) {
  const fs::path path = directory_.write("file", "123456");
  const auto bytes = read_file(path, 5);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Code::invalid_input);
  EXPECT_NE(bytes.error().message.find("larger than 5 bytes"), std::string::npos);
}

TEST_F(FileTest, RefusesAHugeFileWithoutReadingIt) {
  const fs::path path = directory_.write("file", "");
  ASSERT_EQ(::truncate(path.c_str(), off_t{1} << 40), 0);  // sparse: no memory holds a terabyte
  const auto bytes = read_file(path, 1 << 20);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Code::invalid_input);
}

TEST_F(FileTest, ReadsFilesThatDoNotKnowTheirSize) {
  const auto bytes = read_file("/proc/self/status", 1 << 20);
  ASSERT_TRUE(bytes);
  EXPECT_NE(bytes->find("Name:"), std::string::npos);
  const auto bounded = read_file("/proc/self/status", 10);
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().code, Code::invalid_input);
}

TEST_F(FileTest, TellsAMissingFileFromSomethingElse) {
  EXPECT_EQ(read_file(directory_.path() / "none", 1).error().code, Code::not_found);
  EXPECT_EQ(read_file(directory_.path(), 1).error().code, Code::invalid_input);
  const fs::path file = directory_.write("file", "x");
  EXPECT_EQ(read_file(file / "below", 1).error().code, Code::not_found);
  EXPECT_EQ(read_file(directory_.path() / std::string(300, 'n'), 1).error().code,
            Code::storage_failed);
}

TEST_F(FileTest, DoesNotHangOnAPipe) {
  const fs::path path = directory_.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(read_file(path, 1).error().code, Code::invalid_input);
}

TEST_F(FileTest, ReplacesWithTheModeAskedFor) {
  const fs::path path = directory_.path() / "key";
  ASSERT_TRUE(replace_file(path, "secret", 0600));
  EXPECT_EQ(mode_of(path), 0600u);
}

TEST_F(FileTest, KeepsTheOldFileWhenReplacingFails) {
  const fs::path path = directory_.path() / "place";
  ASSERT_TRUE(make_directory(path / "occupied"));
  const auto replaced = replace_file(path, "bytes");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, Code::storage_failed);
  EXPECT_NE(replaced.error().message.find(path.string()), std::string::npos);
  EXPECT_TRUE(fs::is_directory(path / "occupied"));
  EXPECT_EQ(entries(), 1u) << "a temporary file was left behind";
}

TEST_F(FileTest, NamesPathAndCauseWhenTheDirectoryIsMissing) {
  const auto replaced = replace_file(directory_.path() / "none" / "file", "bytes");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, Code::storage_failed);
  EXPECT_NE(replaced.error().message.find("No such file or directory"), std::string::npos);
  EXPECT_EQ(replaced.error().remediation, "Check that the directory exists");
}

TEST_F(FileTest, MakesDirectoriesWithTheirParents) {
  const fs::path path = directory_.path() / "a" / "b" / "c";
  ASSERT_TRUE(make_directory(path, 0700));
  EXPECT_EQ(mode_of(path), 0700u);
  EXPECT_EQ(mode_of(path.parent_path()), 0700u);
  ASSERT_TRUE(make_directory(path, 0755));
  EXPECT_EQ(mode_of(path), 0700u) << "an existing directory was changed";
  EXPECT_TRUE(make_directory(path.string() + "/d/"));
  EXPECT_TRUE(fs::is_directory(path / "d"));
}

TEST_F(FileTest, MakesNoDirectoryWhereAFileStands) {
  const fs::path file = directory_.write("file", "x");
  EXPECT_EQ(make_directory(file).error().code, Code::storage_failed);
  EXPECT_EQ(make_directory(file / "below").error().code, Code::storage_failed);
  EXPECT_EQ(make_directory("").error().code, Code::storage_failed);
}

class FilesBelowTest : public FileTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directory(root_ / "sub"));
    ASSERT_TRUE(replace_file(root_ / "sub" / "file", "inside"));
    ASSERT_TRUE(replace_file(directory_.path() / "secret", "outside"));
  }

  fs::path root_ = directory_.path() / "root";
};

TEST_F(FilesBelowTest, ReadsByRelativePathAndThroughLinksThatStayInside) {
  fs::create_symlink("sub/file", root_ / "near");
  fs::create_symlink("../file", root_ / "sub" / "broken");
  fs::create_symlink(root_ / "sub" / "file", root_ / "absolute");
  const FilesBelow files(root_);
  EXPECT_EQ(files.read("sub/file", 100).value(), "inside");
  EXPECT_EQ(files.read("./sub//file", 6).value(), "inside");
  EXPECT_EQ(files.read("near", 100).value(), "inside");
  EXPECT_EQ(files.read("absolute", 100).value(), "inside");
  EXPECT_EQ(files.read("sub/broken", 100).error().code, Code::not_found);
}

TEST_F(FilesBelowTest, RefusesWhatLeadsOutOrIsNoFile) {
  fs::create_symlink("../secret", root_ / "out");
  fs::create_symlink(directory_.path() / "secret", root_ / "far");
  const FilesBelow files(root_);
  const auto message = [&](std::string_view path) {
    const auto read = files.read(path, 5);
    return read ? *read : read.error().message;
  };
  EXPECT_NE(message("out").find("leads out of"), std::string::npos) << message("out");
  EXPECT_NE(message("far").find("leads out of"), std::string::npos) << message("far");
  EXPECT_NE(message("../secret").find("has `..` in it"), std::string::npos) << message("../secret");
  EXPECT_NE(message("sub").find("is no regular file"), std::string::npos) << message("sub");
  EXPECT_NE(message("sub/file").find("larger than 5 bytes"), std::string::npos)
      << message("sub/file");
}

TEST_F(FilesBelowTest, NamesADirectoryThatIsNotThere) {
  const auto read = FilesBelow(directory_.path() / "gone").read("file", 5);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("is no directory"), std::string::npos)
      << read.error().message;
}

}  // namespace
}  // namespace writ
