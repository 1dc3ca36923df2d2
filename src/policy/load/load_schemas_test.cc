#include "policy/load/load_schemas.h"

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

TEST(LoadSchemas, NamesThemByTheirPath) {
  const TemporaryDirectory dir;
  dir.write("input.json", R"({"type": "object"})");
  dir.write("acl/users.yaml", "type: string\n");
  const auto schemas = load_schemas(dir.path());
  ASSERT_TRUE(schemas) << schemas.error().message;
  ASSERT_NE((*schemas)->find({"acl", "users"}), nullptr);
  EXPECT_EQ(to_json(*(*schemas)->find({"acl", "users"})), R"({"type":"string"})");
  EXPECT_EQ(to_json(*(*schemas)->find({"input"})), R"({"type":"object"})");
  EXPECT_EQ((*schemas)->find({}), nullptr);
}

TEST(LoadSchemas, RefusesTwoFilesOfOneName) {
  const TemporaryDirectory dir;
  dir.write("user.json", "{}");
  dir.write("user.yaml", "{}");
  const auto schemas = load_schemas(dir.path());
  ASSERT_FALSE(schemas);
  EXPECT_EQ(schemas.error().message, (dir.path() / "user.json").string() + " and " +
                                         (dir.path() / "user.yaml").string() +
                                         " are one schema's names");
}

TEST(LoadSchemas, NamesTheFileThatIsNoJson) {
  const TemporaryDirectory dir;
  dir.write("user.json", "{");
  const auto schemas = load_schemas(dir.path() / "user.json");
  ASSERT_FALSE(schemas);
  ASSERT_EQ(schemas.error().diagnostics.size(), 1U);
  EXPECT_EQ(schemas.error().diagnostics[0].file, (dir.path() / "user.json").string());
}

}  // namespace
}  // namespace writ::rego
