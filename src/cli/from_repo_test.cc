#include "cli/from_repo.h"

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "protocol/load.h"

namespace writ::cli {
namespace {

struct Tree {
  const char* manifest;
  const char* text;
  const char* tool;
  const char* command;
};

constexpr Tree kTrees[] = {
    {"CMakeLists.txt", "project(x)\n", "CMake", "ctest --test-dir build-writ"},
    {"Cargo.toml", "[package]\nname = \"x\"\n", "Cargo", "cargo test"},
    {"go.mod", "module x\n", "Go", "go test ./..."},
    {"pyproject.toml", "[project]\nname = \"x\"\n", "Python", "pytest --junitxml=pytest.xml"},
    {"package.json", R"({"scripts": {"test": "node --test", "build": "tsc"}})", "npm", "npm test"},
};

TEST(SpecFromRepo, WritesASpecThatLoadsForEveryToolItKnows) {
  for (const Tree& tree : kTrees) {
    const TemporaryDirectory directory;
    directory.write(tree.manifest, tree.text);
    const auto spec = spec_from_repo(directory.path());
    ASSERT_TRUE(spec) << tree.manifest << ": " << spec.error().text();
    EXPECT_EQ(spec->build_tool, tree.tool);
    EXPECT_NE(spec->text.find(tree.command), std::string::npos) << spec->text;
    const auto path = directory.write("spec.yaml", spec->text);
    const auto plan = protocol::load_plan(path, {directory.path(), {}});
    EXPECT_TRUE(plan) << spec->text << plan.error().text();
  }
}

TEST(SpecFromRepo, LeavesOutScriptsThatAreNotThereOrNeverPass) {
  const TemporaryDirectory directory;
  directory.write("package.json",
                  R"({"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}})");
  const auto spec = spec_from_repo(directory.path());
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->text.find("npm test"), std::string::npos) << spec->text;
  EXPECT_EQ(spec->text.find("npm run build"), std::string::npos) << spec->text;
}

TEST(SpecFromRepo, InstallsByTheLockFileWhereThereIsOne) {
  const TemporaryDirectory directory;
  directory.write("package.json", R"({"scripts": {"test": "node --test"}})");
  directory.write("package-lock.json", "{}");
  const auto spec = spec_from_repo(directory.path());
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_NE(spec->text.find("npm ci"), std::string::npos) << spec->text;
}

TEST(SpecFromRepo, NamesWhatItLookedFor) {
  const TemporaryDirectory directory;
  const auto spec = spec_from_repo(directory.path());
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().code, Code::not_found);
  for (const Tree& tree : kTrees) {
    EXPECT_NE(spec.error().remediation.find(tree.manifest), std::string::npos) << tree.manifest;
  }
}

}  // namespace
}  // namespace writ::cli
