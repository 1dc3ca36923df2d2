// Setting a repository up: init, first specs, keys, trust.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using InitTest = WritTest;

TEST_F(InitTest, SetsUpOnceAndChangesNothingTheSecondTime) {
  const Ran first = writ_expecting(0, {"init"});
  EXPECT_TRUE(contains(first.out, "created .writ/trust.yaml")) << first.out;
  EXPECT_TRUE(contains(first.out, "  next: ")) << first.out;
  EXPECT_TRUE(has(".writ/config.yaml"));
  const std::string before = listing();
  const std::string trust = read(".writ/trust.yaml");
  const Ran second = writ_expecting(0, {"init"});
  EXPECT_FALSE(contains(second.out, "created")) << second.out;
  EXPECT_EQ(listing(), before);
  EXPECT_EQ(read(".writ/trust.yaml"), trust);
}

TEST_F(InitTest, KeepsKeysAndStoreOutOfGit) {
  writ_expecting(0, {"init"});
  bash("git add -A");
  EXPECT_EQ(bash("git diff --cached --name-only"),
            ".writ/.gitignore\n.writ/config.yaml\n.writ/trust.yaml\n");
}

TEST_F(InitTest, SaysWhereGitIgnoresTheTrustFile) {
  write(".gitignore", ".*\n");
  const Ran ran = writ_expecting(0, {"init"});
  EXPECT_TRUE(contains(ran.out, "git ignores .writ here")) << ran.out;
  write("spec.yaml", spec_of("steps:\n  - run: \"true\"\n"));
  const Ran again = writ_expecting(0, {"init"});
  const std::size_t at = again.out.find("git add");
  ASSERT_NE(at, std::string::npos) << again.out;
  bash(again.out.substr(at, again.out.find(", then") - at));
  EXPECT_EQ(bash("git ls-files"),
            ".writ/.gitignore\n.writ/config.yaml\n.writ/trust.yaml\nspec.yaml\n");
}

TEST_F(InitTest, OutsideARepositoryNamesGitInit) {
  const Ran ran = writ({"--dir", beside("home").string(), "init"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_TRUE(contains(ran.err, "git init")) << ran.err;
}

TEST_F(InitTest, TellsTheOwnerOfASecondMachineWhatIsMissing) {
  set_up();
  bash("rm -rf .writ/keys");
  const Ran ran = writ_expecting(0, {"init"});
  EXPECT_TRUE(contains(ran.out, "may not run yet")) << ran.out;
  write("spec.yaml", spec_of("steps:\n  - run: \"true\"\n"));
  commit();
  EXPECT_EQ(writ({"apply", "spec.yaml"}).exit, 8);
}

TEST_F(InitTest, WritesASpecForCMake) {
  write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(x)\n");
  writ_expecting(0, {"init", "--from-repo"});
  const std::string spec = read("spec.yaml");
  EXPECT_TRUE(contains(spec, "cmake -S . -B")) << spec;
  EXPECT_TRUE(contains(spec, "tests.failed == 0")) << spec;
  writ_expecting(0, {"plan", "spec.yaml"});
}

TEST_F(InitTest, WritesASpecForNpmWithTheScriptsThatAreThere) {
  write("package.json", R"({"name":"x","scripts":{"test":"node --test"}})");
  writ_expecting(0, {"init", "--from-repo"});
  const std::string spec = read("spec.yaml");
  EXPECT_TRUE(contains(spec, "npm test")) << spec;
  EXPECT_FALSE(contains(spec, "npm run build")) << spec;
  writ_expecting(0, {"plan", "spec.yaml"});
}

TEST_F(InitTest, WritesASpecForCargo) {
  write("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\n");
  writ_expecting(0, {"init", "--from-repo"});
  EXPECT_TRUE(contains(read("spec.yaml"), "cargo test"));
  writ_expecting(0, {"plan", "spec.yaml"});
}

TEST_F(InitTest, WritesNothingWhereItKnowsNoBuildTool) {
  const Ran ran = writ_expecting(2, {"init", "--from-repo"});
  EXPECT_TRUE(contains(ran.err, "Cargo.toml")) << ran.err;
  EXPECT_FALSE(has(".writ"));
}

TEST_F(InitTest, NeverOverwritesASpecOfTheUsers) {
  write("Cargo.toml", "");
  write("spec.yaml", "mine\n");
  writ_expecting(0, {"init", "--from-repo"});
  EXPECT_EQ(read("spec.yaml"), "mine\n");
}

TEST_F(InitTest, RotatesListsAndRevokesKeys) {
  writ_expecting(0, {"init"});
  const Value before = json(writ_expecting(0, {"keys", "list", "--json"}).out);
  ASSERT_EQ(size_at(before, {"keys"}), 1u);
  const std::string first(text_at(before, {"keys", "0", "id"}));
  writ_expecting(0, {"keys", "rotate"});
  const Value after = json(writ_expecting(0, {"keys", "list", "--json"}).out);
  ASSERT_EQ(size_at(after, {"keys"}), 2u);
  EXPECT_EQ(text_at(after, {"keys", "0", "state"}), "retired");
  EXPECT_EQ(text_at(after, {"keys", "1", "state"}), "active");
  writ_expecting(2, {"keys", "revoke", first});  // a reason is asked for
  writ_expecting(0, {"keys", "revoke", first.substr(0, 12), "--reason", "lost"});
  EXPECT_TRUE(contains(writ({"keys", "list"}).out, "revoked"));
}

TEST_F(InitTest, NeverOverwritesAKeyFile) {
  writ_expecting(0, {"keys", "new", "--out", reviewer(), "--name", "alice"});
  const std::string before = bash("cat " + reviewer());
  writ_expecting(2, {"keys", "new", "--out", reviewer()});
  EXPECT_EQ(bash("cat " + reviewer()), before);
}

TEST_F(InitTest, AddsAndRemovesTrustedKeys) {
  writ_expecting(0, {"init"});
  writ_expecting(0, {"keys", "new", "--out", reviewer(), "--name", "alice"});
  writ_expecting(
      0, {"trust", "add", "--role", "maintainer", "--role", "auditor", reviewer() + ".pub"});
  const Ran shown = writ_expecting(0, {"trust", "show"});
  EXPECT_TRUE(contains(shown.out, "alice")) << shown.out;
  EXPECT_TRUE(contains(shown.out, "auditor, maintainer")) << shown.out;
  const Value listed = json(writ_expecting(0, {"trust", "show", "--json"}).out);
  EXPECT_EQ(size_at(listed, {"keys"}), 2u);
  writ_expecting(2, {"trust", "add", "--role", "No Such Form", reviewer() + ".pub"});
  writ_expecting(0, {"trust", "remove", "alice"});
  EXPECT_FALSE(contains(writ({"trust", "show"}).out, "alice"));
  writ_expecting(2, {"trust", "remove", "alice"});
}

TEST_F(InitTest, ExportsThePublicKeyThatTrustTakes) {
  writ_expecting(0, {"init"});
  const std::string out = beside("runner.pub").string();
  writ_expecting(0, {"keys", "export", "--out", out});
  writ_expecting(0, {"trust", "add", "--role", "auditor", out});
  EXPECT_TRUE(contains(writ({"trust", "show"}).out, "auditor"));
}

TEST_F(InitTest, ShowsAndChecksTheConfiguration) {
  writ_expecting(0, {"init"});
  EXPECT_TRUE(contains(writ_expecting(0, {"config", "show"}).out, "log.level"));
  writ_expecting(0, {"config", "check"});
  write(".writ/config.yaml", read(".writ/config.yaml") + "colour: red\n");
  const Ran ran = writ_expecting(2, {"config", "check"});
  EXPECT_TRUE(contains(ran.err, "config.yaml:4:1")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "colour")) << ran.err;
}

}  // namespace
}  // namespace writ::e2e
