#include "policy/bundle/folder.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing/temporary_directory.h"

namespace writ::rego {
namespace {

std::string names(const std::vector<ArchiveFile>& files) {
  std::string out;
  for (const ArchiveFile& file : files) out += file.path + "=" + file.bytes + ";";
  return out;
}

TEST(ReadFolder, TakesFilesByPathAndOfHiddenOnesWhatBundlesHave) {
  const TemporaryDirectory directory;
  const auto put = [&](const std::string& path, std::string_view text) {
    ASSERT_TRUE(make_directory((directory.path() / path).parent_path()));
    ASSERT_TRUE(replace_file(directory.path() / path, text));
  };
  put("b/p.rego", "1");
  put("a.rego", "2");
  put(".manifest", "3");
  put(".git/config", "4");
  put("b/.hidden", "5");
  put("b/p_test.rego", "6");
  put("skipped/x.rego", "7");
  EXPECT_EQ(names(read_folder(directory.path(), {"*_test.rego", "skipped"}).value()),
            ".manifest=3;a.rego=2;b/p.rego=1;");
}

TEST(ReadFolder, HoldsWhatItReadsToTheLimits) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory.path() / "a", "12345"));
  ASSERT_TRUE(replace_file(directory.path() / "b", "12345"));
  const auto many = read_folder(directory.path(), {}, {.files = 1});
  ASSERT_FALSE(many);
  EXPECT_TRUE(many.error().message.ends_with("has more than 1 files")) << many.error().message;
  const auto large = read_folder(directory.path(), {}, {.unpacked = 9});
  ASSERT_FALSE(large);
  EXPECT_TRUE(large.error().message.ends_with("holds more than a bundle may"));
  const auto none = read_folder(directory.path() / "none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::not_found);
}

}  // namespace
}  // namespace writ::rego
