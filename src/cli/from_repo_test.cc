#include "cli/from_repo.h"

#include <gtest/gtest.h>

#include <map>

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
    {"go.mod", "module x\n", "Go", "go test -json ./..."},
    {"pyproject.toml", "[project]\nname = \"x\"\n", "Python", "pytest --junitxml=pytest.xml"},
    {"setup.py", "", "Python", "pytest --junitxml=pytest.xml"},
    {"package.json", R"({"scripts": {"test": "node --test", "build": "tsc"}})", "npm", "npm test"},
    {"Makefile", "all:\n\ttrue\ncheck : all\n\ttrue\n", "make", "make check"},
    {"GNUmakefile", "test:\n\ttrue\ncheck:", "make", "make test"},
};

FirstSpec spec_for(const std::map<std::string, std::string>& files) {
  const TemporaryDirectory directory;
  for (const auto& [name, text] : files) directory.write(name, text);
  const auto spec = spec_from_repo(directory.path());
  EXPECT_TRUE(spec) << spec.error().text();
  if (!spec) return {};
  const auto path = directory.write("spec.yaml", spec->text);
  const auto plan = protocol::load_plan(path, {directory.path(), {}});
  EXPECT_TRUE(plan) << spec->text << plan.error().text();
  return *spec;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

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

TEST(SpecFromRepo, MakesATestRunnerPrintTheReportThatTheGateAsksFor) {
  const std::pair<const char*, const char*> kScripts[] = {
      {"node --test", "run: npm test --silent\n    env: {NODE_OPTIONS: --test-reporter=tap}\n"},
      {"tape test.js", "run: npm test --silent\n"},
      {"xo && ava", "run: npm test --silent -- --tap\n"},
      {"c8 mocha", "run: npm test --silent -- --reporter tap\n"},
      {"vitest", "run: npm test --silent -- --run --reporter=tap-flat\n"},
  };
  for (const auto& [script, command] : kScripts) {
    const FirstSpec spec =
        spec_for({{"package.json", std::string(R"({"scripts": {"test": ")") + script + "\"}}"}});
    EXPECT_TRUE(holds(spec.text, command)) << spec.text;
    EXPECT_TRUE(holds(spec.text, "evidence: {tests: stdout}")) << spec.text;
    EXPECT_TRUE(holds(spec.text, "gate: tests.failed == 0 and tests.passed >= 1")) << spec.text;
  }
}

TEST(SpecFromRepo, SaysWhereOnlyAnExitCodeIsJudged) {
  for (const char* script : {"jest", "mocha | tee log", "node test.js"}) {
    const FirstSpec spec =
        spec_for({{"package.json", std::string(R"({"scripts": {"test": ")") + script + "\"}}"}});
    EXPECT_TRUE(holds(spec.text, "run: npm test, gate: exit.code == 0")) << spec.text;
    EXPECT_TRUE(holds(spec.notes.at(1), "only its exit code opens the gate")) << spec.notes[1];
  }
}

TEST(SpecFromRepo, AsksForTestsWhereThereAreNone) {
  for (const char* scripts :
       {R"({"test": "echo \"Error: no test specified\" && exit 1"})", R"({"build": "tsc"})"}) {
    const FirstSpec spec =
        spec_for({{"package.json", std::string(R"({"scripts": )") + scripts + "}"}});
    EXPECT_TRUE(holds(spec.text, "run: npm test,")) << spec.text;
    EXPECT_TRUE(holds(spec.notes.at(1), "fails until there is one")) << spec.notes[1];
  }
  EXPECT_TRUE(holds(spec_for({{"Makefile", "all:\n"}}).notes.at(0), "fails until it has one"));
  EXPECT_TRUE(holds(spec_for({{"CMakeLists.txt", "project(x)"}}).notes.at(1), "stays shut"));
}

TEST(SpecFromRepo, InstallsByTheLockFileThatIsThere) {
  const std::pair<const char*, const char*> kLocks[] = {
      {"package-lock.json", "npm ci"},
      {"pnpm-lock.yaml", "pnpm install --frozen-lockfile"},
      {"yarn.lock", "yarn install --frozen-lockfile"}};
  for (const auto& [lock, command] : kLocks) {
    const FirstSpec spec =
        spec_for({{"package.json", R"({"scripts": {"test": "tape t.js"}})"}, {lock, ""}});
    EXPECT_TRUE(holds(spec.text, command)) << spec.text;
  }
  EXPECT_TRUE(holds(spec_for({{"Cargo.toml", ""}, {"Cargo.lock", ""}}).text,
                    "cargo test --workspace --locked --no-fail-fast"));
}

TEST(SpecFromRepo, NamesTheBuildToolsThatItLeavesOut) {
  const FirstSpec spec = spec_for({{"Cargo.toml", ""}, {"Makefile", ""}, {"package.json", "{}"}});
  EXPECT_EQ(spec.build_tool, "Cargo");
  EXPECT_EQ(spec.notes.back(), "leaves out what belongs to package.json, Makefile");
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
