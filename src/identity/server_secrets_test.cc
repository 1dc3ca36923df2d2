#include "identity/server_secrets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/testing/temporary_directory.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

class ServerSecretsTest : public testing::Test {
 protected:
  std::string complaint() {
    const auto secrets = load_server_secrets(path_, IfMissing::make);
    return secrets ? "none" : secrets.error().message.substr(path_.string().size() + 1);
  }
  void write(std::string_view text, unsigned mode = 0600) {
    ASSERT_TRUE(replace_file(path_, text, mode)) << path_;
  }

  const TemporaryDirectory directory_;
  const fs::path path_ = directory_.path() / "identity" / "secrets.json";
};

TEST_F(ServerSecretsTest, AreMadeOnceAndReadBack) {
  const auto made = load_server_secrets(path_, IfMissing::make);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto again = load_server_secrets(path_, IfMissing::make);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->keks.at(0).id, made->keks.at(0).id);
  EXPECT_EQ(again->keks.at(0).key.view(), made->keks.at(0).key.view());
  EXPECT_EQ(again->peppers.at(0).id, made->peppers.at(0).id);
  EXPECT_EQ(again->peppers.at(0).key.size(), 32u);
}

TEST_F(ServerSecretsTest, OfServersThatStartAtTheSameTimeAreTheSame) {
  for (int round = 0; round < 20; ++round) {
    std::array<std::string, 4> keys;
    {
      std::barrier<> start(std::ssize(keys));
      std::vector<std::jthread> servers;
      for (std::string& key : keys) {
        servers.emplace_back([&] {
          start.arrive_and_wait();
          const auto secrets = load_server_secrets(path_, IfMissing::make);
          key =
              secrets ? secrets->keks.at(0).id + secrets->peppers.at(0).id : secrets.error().text();
        });
      }
    }
    const auto stands = load_server_secrets(path_, IfMissing::fail);
    ASSERT_TRUE(stands) << stands.error().text();
    for (const std::string& key : keys) {
      EXPECT_EQ(key, stands->keks.at(0).id + stands->peppers.at(0).id) << round;
    }
    EXPECT_EQ(std::ranges::distance(fs::directory_iterator(path_.parent_path())), 1);
    fs::remove(path_);
  }
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

TEST_F(ServerSecretsTest, ThatWereLostAreNotMadeAnew) {
  const auto lost = load_server_secrets(path_, IfMissing::fail);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::not_found);
  EXPECT_EQ(lost.error().message, path_.string() + " is not there, and there are accounts already");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ServerSecretsTest, OfAnotherUserMayBeLentByTheirGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "skipped: only root can give files away";
  const auto made = load_server_secrets(path_, IfMissing::make);
  ASSERT_TRUE(made) << made.error().text();
  fs::permissions(path_, fs::perms::owner_read | fs::perms::group_read);
  EXPECT_EQ(complaint(), "may be read by others than its owner");
  constexpr uid_t kAnother = 65534;
  ASSERT_EQ(::chown(path_.c_str(), kAnother, 0), 0);
  const auto lent = load_server_secrets(path_, IfMissing::fail);
  ASSERT_TRUE(lent) << lent.error().text();
  EXPECT_EQ(lent->keks.at(0).id, made->keks.at(0).id);
  fs::permissions(path_, fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(complaint(), "may be read by others than its owner");
}

}  // namespace
}  // namespace writ::identity
