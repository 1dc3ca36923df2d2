// Servers that stand in no repository: they share a store and the file of its secrets.
#include <filesystem>

#include "people.h"

namespace writ::e2e {
namespace {

class SharedStoreTest : public PeopleTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    std::filesystem::remove_all(root() / ".git");
    environment_.try_emplace("WRIT_STORE", "sqlite:" + (root() / "shared.db").string());
    environment_["WRIT_IDENTITY_SECRETS"] = (root() / "lent" / "secrets.json").string();
  }
  Ran bootstrap() {
    return writ({"identity", "bootstrap-admin", "root@example.org"}, std::string(kPassword) + "\n");
  }
};

TEST_F(SharedStoreTest, AnAdministratorMadeElsewhereSignsInAtAServerWithTheSameSecrets) {
  const Ran made = bootstrap();
  ASSERT_EQ(made.exit, 0) << made.text();
  EXPECT_TRUE(std::filesystem::exists(root() / "lent" / "secrets.json"));
  const std::string said = served(R"(
token=$(login root@example.org "$password" | member access_token)
send GET /users/me "$token"
send GET /rbac/roles "$token"
)");
  EXPECT_TRUE(contains(said, R"("email":"root@example.org")")) << said;
  EXPECT_TRUE(contains(said, "exit 0")) << said;
}

TEST_F(SharedStoreTest, SecretsThatWereLostShutTheServer) {
  ASSERT_EQ(bootstrap().exit, 0);
  std::filesystem::remove_all(root() / "lent");
  const Ran ran = writ_expecting(2, {"serve", "--addr", "127.0.0.1:0"});
  EXPECT_TRUE(contains(ran.err, "secrets.json is not there, and there are accounts already"))
      << ran.text();
  EXPECT_FALSE(std::filesystem::exists(root() / "lent"));
}

TEST_F(SharedStoreTest, AFamilyThatIsSwitchedOffIsNowhere) {
  ASSERT_EQ(bootstrap().exit, 0);
  environment_["WRIT_FEATURES_RBAC"] = "false";
  const std::string said = served(R"(
token=$(login root@example.org "$password" | member access_token)
send GET /rbac/roles "$token"
curl -sS $url/openapi.json | grep -c '"/rbac/' || true
curl -sS $url/openapi.json | grep -c '"/iam/'
)");
  EXPECT_TRUE(contains(said, " 404\n0\n1\nexit 0\n")) << said;
}

TEST_F(SharedStoreTest, WithoutAStoreThereIsNowhereForAnAdministrator) {
  environment_.erase("WRIT_STORE");
  const Ran ran = bootstrap();
  EXPECT_EQ(ran.exit, 2) << ran.text();
  EXPECT_TRUE(contains(ran.err, "name the store of the servers: --store, WRIT_STORE"))
      << ran.text();
}

}  // namespace
}  // namespace writ::e2e
