#include "process/sandbox.h"

#include <unistd.h>

#include <fstream>

#include "process/testing/fixture.h"

namespace writ::process {
namespace {

namespace fs = std::filesystem;

class SandboxTest : public ProcessTest {
 protected:
  void SetUp() override {
    if (runner_.best_isolation() != Isolation::namespaces) GTEST_SKIP() << runner_.isolation_note();
    fs::create_directories(directory_ / "work/.writ/keys");
    fs::create_directory(directory_ / "home");
    std::ofstream(directory_ / "work/.writ/keys/runner.key") << "private\n";
  }

  Command sandboxed(const std::string& script) const {
    Command command = shell(script);
    command.directory = directory_ / "work";
    command.environment["HOME"] = (directory_ / "home").string();
    command.sandbox = Sandbox::require;
    command.masked = {directory_ / "work/.writ"};
    return command;
  }
};

TEST_F(SandboxTest, RecordsTheIsolationItHad) {
  const Outcome outcome = run_well(sandboxed("exit 5"));
  EXPECT_EQ(outcome.isolation, Isolation::namespaces);
  EXPECT_EQ(outcome.isolation_note, "");
  EXPECT_EQ(outcome.exit_code, 5);
}

TEST_F(SandboxTest, ReportsSignalsOfTheCommandItself) {
  const Outcome outcome = run_well(sandboxed("kill -TERM $$"));
  EXPECT_EQ(outcome.ending, Ending::signalled);
  EXPECT_EQ(outcome.signal, SIGTERM);
}

TEST_F(SandboxTest, LetsNobodyReadWhatIsMasked) {
  const Outcome outcome = run_well(sandboxed(
      "cat .writ/keys/runner.key && exit 1; ls -A .writ; cat " + directory_.string() +
      "/work/.writ/keys/runner.key /proc/1/cwd/.writ/keys/runner.key && exit 2; "
      "umount .writ 2>/dev/null && exit 3; mv .writ other 2>/dev/null && exit 4; exit 0"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(SandboxTest, LetsNobodyWriteWhatIsMasked) {
  const Outcome outcome =
      run_well(sandboxed("echo forged > .writ/trust.yaml && exit 1; mkdir .writ/keys && exit 2; "
                         "rm -rf .writ && exit 3; exit 0"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(directory_ / "work/.writ/keys/runner.key"));
  EXPECT_FALSE(fs::exists(directory_ / "work/.writ/trust.yaml"));
}

TEST_F(SandboxTest, MasksFilesToo) {
  std::ofstream(directory_ / "work/secret.txt") << "private\n";
  Command command = sandboxed("cat secret.txt && exit 1; echo x > secret.txt && exit 2; exit 0");
  command.masked = {directory_ / "work/secret.txt"};
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(SandboxTest, KeepsAMaskThatDoesNotExistYetFromAppearing) {
  fs::remove_all(directory_ / "work/.writ");
  const Outcome outcome =
      run_well(sandboxed("echo x > .writ && exit 1; touch .writ/x && exit 2;"
                         "touch here"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(fs::exists(directory_ / "work/here"));
  EXPECT_FALSE(fs::exists(directory_ / "work/.writ"));
}

TEST_F(SandboxTest, RefusesToMaskALink) {
  fs::rename(directory_ / "work/.writ", directory_ / "real");
  fs::create_symlink(directory_ / "real", directory_ / "work/.writ");
  const auto outcome = run(sandboxed("true"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::invalid_input);
}

TEST_F(SandboxTest, WorksInADirectoryInsideAMask) {
  fs::create_directories(directory_ / "work/.writ/worktrees/base");
  Command command = sandboxed("touch made && ls ..; cat ../../keys/runner.key && exit 1; exit 0");
  command.directory = directory_ / "work/.writ/worktrees/base";
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "base\n");
  EXPECT_TRUE(fs::exists(directory_ / "work/.writ/worktrees/base/made"));
}

TEST_F(SandboxTest, LetsTheCommandWriteWhereItMay) {
  Command command = sandboxed("echo a > here && echo b > $HOME/cached && t=$(mktemp) && rm $t");
  EXPECT_EQ(run_well(command).exit_code, 0);
  EXPECT_TRUE(fs::exists(directory_ / "work/here"));
  EXPECT_TRUE(fs::exists(directory_ / "home/cached"));
}

TEST_F(SandboxTest, ShowsTheRestReadOnly) {
  const Outcome outcome =
      run_well(sandboxed("touch /usr/writ-was-here && exit 1; ls /usr/bin/env"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "/usr/bin/env\n");
}

TEST_F(SandboxTest, KeepsTemporaryFilesOutsideTmp) {
  // Under /tmp everything is writable anyway, so only the arguments can show it.
  Command command = sandboxed("true");
  command.environment["TMPDIR"] = "/var/tmp";
  command.environment["HOME"] = "/";
  command.home = Home::read_only;
  command.writable = {"/usr/lib", "/does/not/exist"};
  const auto arguments = sandbox_arguments("/usr/bin/bwrap", command, {});
  std::string text;
  for (const std::string& word : arguments) text += word + " ";
  EXPECT_TRUE(text.contains("--ro-bind / / ")) << text;
  EXPECT_TRUE(text.contains("--bind /var/tmp /var/tmp ")) << text;
  EXPECT_TRUE(text.contains("--bind /usr/lib /usr/lib ")) << text;
  EXPECT_FALSE(text.contains("--bind / / --")) << text;
  EXPECT_FALSE(text.contains("/does/not/exist")) << text;
}

TEST_F(SandboxTest, HidesOtherProcesses) {
  // bubblewrap, the trampoline, the shell, ls and wc: nobody else.
  const Outcome outcome = run_well(sandboxed("ls -d /proc/[0-9]* | wc -l"));
  EXPECT_LE(std::stoi(outcome.out), 5);
}

TEST_F(SandboxTest, EndsDaemonsAndDeafCommands) {
  LifeLine line(directory_ / "line");
  Command command = part({"daemon", line.path(), "bare"});
  command.sandbox = Sandbox::require;
  EXPECT_EQ(run_well(command).exit_code, 0);
  EXPECT_FALSE(line.is_held());

  LifeLine deaf(directory_ / "deaf");
  command = part({"ignore-term", deaf.path()});
  command.sandbox = Sandbox::require;
  command.timeout = Duration(300);
  command.grace = Duration(50);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_FALSE(deaf.is_held());
}

TEST_F(SandboxTest, PassesTheTimeoutOnAsSigterm) {
  Command command =
      sandboxed("trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.01; done");
  command.timeout = Duration(500);
  command.grace = Duration(60'000);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_EQ(outcome.out, "up\ncleaned\n");
}

TEST_F(SandboxTest, NamesAMissingProgram) {
  Command command = sandboxed("");
  command.argv = {"no-such-program-here"};
  EXPECT_EQ(run(command).error().code, Code::not_found);
}

TEST_F(SandboxTest, GivesInputEnvironmentAndNoDescriptors) {
  Command command = sandboxed("");
  command.argv = {"env"};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  EXPECT_EQ(run_well(command).out, "PATH=/usr/bin:/bin\nWRIT_STEP_TOKEN=" + command.token + "\n");
  command = sandboxed("cat");
  command.standard_input = "input";
  EXPECT_EQ(run_well(command).out, "input");
  command = sandboxed("");
  command.argv = {self(), "__part", "descriptors"};
  EXPECT_EQ(run_well(command).out, "0 1 2 ");
}

class NoSandboxTest : public ProcessTest {
 protected:
  Runner without_{self(), "no-bubblewrap-here"};
};

TEST_F(NoSandboxTest, FallsBackAndSaysSo) {
  EXPECT_EQ(without_.best_isolation(), Isolation::process_group);
  Command command = shell("echo ran");
  command.sandbox = Sandbox::prefer;
  command.masked = {directory_ / ".writ"};
  const auto outcome = without_.run(command, {}, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out, "ran\n");
  EXPECT_EQ(outcome->isolation, Isolation::process_group);
  EXPECT_EQ(outcome->isolation_note,
            "bubblewrap is not installed; .writ was not hidden from the command");
}

TEST_F(NoSandboxTest, RefusesWhereASandboxIsRequired) {
  Command command = shell("touch ran");
  command.sandbox = Sandbox::require;
  const auto outcome = without_.run(command, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::unavailable);
  EXPECT_FALSE(fs::exists(directory_ / "ran"));
}

TEST_F(NoSandboxTest, FallsBackWhereTheKernelRefuses) {
  // Stands in for a bubblewrap that may not make namespaces.
  std::ofstream(directory_ / "bwrap") << "#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n";
  fs::permissions(directory_ / "bwrap", fs::perms::owner_all);
  Runner refused(self(), directory_ / "bwrap");
  Command command = shell("echo ran");
  command.sandbox = Sandbox::prefer;
  const auto outcome = refused.run(command, {}, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->isolation, Isolation::process_group);
  EXPECT_EQ(outcome->isolation_note,
            "bubblewrap cannot make a sandbox here: bwrap: No permissions");
}

}  // namespace
}  // namespace writ::process
