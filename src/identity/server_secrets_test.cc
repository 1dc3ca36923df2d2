#include "identity/server_secrets.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/testing/temporary_directory.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

class ServerSecretsTest : public testing::Test {
 protected:
  std::string complaint() {
    const auto secrets = load_server_secrets(path_);
    return secrets ? "none" : secrets.error().message.substr(path_.string().size() + 1);
  }
  void write(std::string_view text, unsigned mode = 0600) {
    ASSERT_TRUE(replace_file(path_, text, mode)) << path_;
  }

  const TemporaryDirectory directory_;
  const fs::path path_ = directory_.path() / "identity" / "secrets.json";
};

TEST_F(ServerSecretsTest, AreMadeOnceAndReadBack) {
  const auto made = load_server_secrets(path_);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto again = load_server_secrets(path_);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->keks.at(0).id, made->keks.at(0).id);
  EXPECT_EQ(again->keks.at(0).key.view(), made->keks.at(0).key.view());
  EXPECT_EQ(again->peppers.at(0).id, made->peppers.at(0).id);
  EXPECT_EQ(again->peppers.at(0).key.size(), 32u);
}

TEST_F(ServerSecretsTest, AreRefusedWhenTheyAreNotWhole) {
  ASSERT_TRUE(make_directory(path_.parent_path(), 0700)) << path_;
  write("{}");
  EXPECT_EQ(complaint(), "has no `keks`");
  write("keks");
  EXPECT_EQ(complaint(), "is not JSON");
  write(R"({"keks":[{"id":"a","key":"?"}],"peppers":[]})");
  EXPECT_EQ(complaint(), "holds a key that is not base64");
  write("{}", 0644);
  EXPECT_EQ(complaint(), "may be read by others than its owner");
}

}  // namespace
}  // namespace writ::identity
