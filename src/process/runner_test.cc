// Real processes. Verdicts rest on handshakes and on pipes reaching their end, never on the clock;
// the timeouts are guards against a hang.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "process/process_table.h"
#include "process/testing/fixture.h"

namespace writ::process {
namespace {

using RunnerTest = ProcessTest;

TEST_F(RunnerTest, ReportsExitCodes) {
  for (const int code : {0, 1, 3, 255}) {
    const Outcome outcome = run_well(shell("exit " + std::to_string(code)));
    EXPECT_EQ(outcome.ending, Ending::exited);
    EXPECT_EQ(outcome.exit_code, code);
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.isolation, Isolation::process_group);
  }
}

TEST_F(RunnerTest, ReportsSignals) {
  for (const int signal : {SIGTERM, SIGKILL, SIGABRT, SIGSEGV}) {
    const Outcome outcome = run_well(shell("kill -" + std::to_string(signal) + " $$"));
    EXPECT_EQ(outcome.ending, Ending::signalled);
    EXPECT_EQ(outcome.signal, signal);
    EXPECT_EQ(outcome.exit_code, 128 + signal);
  }
}

TEST_F(RunnerTest, KeepsBothStreamsApart) {
  const Outcome outcome = run_well(shell("echo to out; echo to err >&2"));
  EXPECT_EQ(outcome.out, "to out\n");
  EXPECT_EQ(outcome.err, "to err\n");
}

TEST_F(RunnerTest, RunsInTheDirectoryItIsGiven) {
  std::filesystem::create_directory(directory_ / "in side");
  Command command = shell("pwd");
  command.directory = directory_ / "in side";
  EXPECT_EQ(run_well(command).out, (directory_ / "in side").string() + "\n");
}

TEST_F(RunnerTest, PassesArgumentsUntouched) {
  Command command = shell("");
  command.argv = {"printf", "%s|", "", "a b", "$HOME", "*", "new\nline", "\xff\xfe", "'\""};
  EXPECT_EQ(run_well(command).out, "|a b|$HOME|*|new\nline|\xff\xfe|'\"|");
}

TEST_F(RunnerTest, PassesExactlyTheEnvironmentItIsGiven) {
  ::setenv("WRIT_TEST_LEAK", "leaked", 1);
  Command command = shell("");
  command.argv = {"env"};
  command.environment["GIVEN"] = "a\nb";
  command.environment["WRIT_STEP_TOKEN"] = "not this one";
  const std::string out = run_well(command).out;
  ::unsetenv("WRIT_TEST_LEAK");
  EXPECT_EQ(out, "GIVEN=a\nb\nPATH=/usr/local/bin:/usr/bin:/bin\nWRIT_STEP_TOKEN=" + command.token +
                     "\n");
}

TEST_F(RunnerTest, LeaksNoDescriptor) {
  const std::ifstream open_elsewhere(self());
  const int inheritable = ::dup(STDIN_FILENO);  // as a careless library would leave one
  EXPECT_EQ(run_well(part({"descriptors"})).out, "0 1 2 ");
  ::close(inheritable);
}

TEST_F(RunnerTest, GivesTheCommandItsStandardInput) {
  Command command = shell("cat; echo end");
  EXPECT_EQ(run_well(command).out, "end\n");
  command.standard_input = std::string(300'000, 'i') + "\0x";
  EXPECT_EQ(run_well(command).out, command.standard_input + "end\n");
}

TEST_F(RunnerTest, TakesBinaryOutputAsItIs) {
  EXPECT_EQ(run_well(shell(R"(printf '\000\377\001\200')")).out, std::string("\0\xff\x01\x80", 4));
}

TEST_F(RunnerTest, TakesFiftyMegabytes) {
  const Outcome outcome = run_well(part({"print-bytes", "50000000"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.size(), 50'000'000u);
  EXPECT_EQ(outcome.out.find_first_not_of('x'), std::string::npos);
}

TEST_F(RunnerTest, EndsACommandThatPrintsTooMuch) {
  LifeLine line(directory_ / "line");
  Command command = shell("exec 9>" + line.path() + "; while :; do echo yes; done");
  command.limits.output = Bytes{10'000};
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::output_limit);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.size() + outcome.err.size(), 10'000u);
  EXPECT_FALSE(line.is_held());
}

TEST_F(RunnerTest, ShowsOutputWhileTheCommandStillRuns) {
  // The command waits for what only the sink provides once it saw the first line.
  const std::string gate = (directory_ / "gate").string();
  Command command =
      shell("echo first; while [ ! -e " + gate + " ]; do sleep 0.01; done; echo last");
  std::string seen;
  const OutputSink sink = [&](Stream stream, std::string_view text) {
    EXPECT_EQ(stream, Stream::out);
    seen += text;
    if (seen == "first\n") std::ofstream(gate).put('\n');
  };
  const auto outcome = runner_.run(command, sink, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::exited);
  EXPECT_EQ(seen, "first\nlast\n");
}

TEST_F(RunnerTest, RedactsSecretsAlsoAcrossReads) {
  Command command = part({"print-parts", "key=top-", "sec", "ret;top-", "secrets"});
  command.secrets = {"top-secret"};
  std::string seen;
  const OutputSink sink = [&](Stream, std::string_view text) { seen += text; };
  const auto outcome = runner_.run(command, sink, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out, "key=***;***s");
  EXPECT_EQ(seen, outcome->out);
}

TEST_F(RunnerTest, EndsADeafCommandAfterItsTimeout) {
  LifeLine line(directory_ / "line");
  Command command = part({"ignore-term", line.path()});
  command.timeout = Duration(300);
  command.grace = Duration(100);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_EQ(outcome.exit_code, 128 + SIGKILL);
  EXPECT_GE(outcome.elapsed.count(), 400);
}

TEST_F(RunnerTest, LetsACommandCleanUpAfterItsTimeout) {
  Command command =
      shell("trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.01; done");
  command.timeout = Duration(300);
  command.grace = Duration(60'000);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_EQ(outcome.out, "up\ncleaned\n");
  EXPECT_EQ(outcome.exit_code, 128 + SIGTERM);  // never a success
}

TEST_F(RunnerTest, EndsACommandWhenItIsCancelled) {
  LifeLine line(directory_ / "line");
  Command command = part({"hold", line.path()});
  std::stop_source source;
  std::jthread canceller([&] {
    line.await_holder();
    source.request_stop();
  });
  const auto outcome = runner_.run(command, {}, source.get_token());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::cancelled);
  EXPECT_EQ(outcome->signal, SIGTERM);
  EXPECT_FALSE(line.is_held());
}

TEST_F(RunnerTest, StartsNothingWhenItIsCancelledBefore) {
  std::stop_source source;
  source.request_stop();
  const auto outcome = runner_.run(shell("touch ran"), {}, source.get_token());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::cancelled);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "ran"));
}

TEST_F(RunnerTest, EndsBackgroundProcessesThatKeepTheOutputOpen) {
  LifeLine line(directory_ / "line");
  const Outcome outcome = run_well(shell("(echo x >&9; sleep 1000) 9>" + line.path() +
                                         " & read got <" + line.path() + "; echo done"));
  EXPECT_EQ(outcome.ending, Ending::exited);
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_FALSE(line.is_held());
}

TEST_F(RunnerTest, EndsADaemonThatWentAway) {
  for (const char* environment : {"kept", "bare"}) {
    LifeLine line(directory_ / environment);
    const Outcome outcome = run_well(part({"daemon", line.path(), environment}));
    EXPECT_EQ(outcome.ending, Ending::exited);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_FALSE(line.is_held()) << environment;
  }
}

TEST_F(RunnerTest, LeavesNoZombie) {
  run_well(shell("true"));
  for (const ProcessEntry& entry : list_processes()) EXPECT_NE(entry.parent, ::getpid());
}

TEST_F(RunnerTest, TellsPidAndStartBeforeTheCommandDoesAnything) {
  bool was_told = false;
  const StartedHook hook = [&](const Started& started) -> Result<void> {
    was_told = true;
    EXPECT_FALSE(std::filesystem::exists(directory_ / "ran"));
    const auto entry = read_process(started.pid);
    EXPECT_TRUE(entry);
    if (entry) {
      EXPECT_EQ(entry->name.start_ticks, started.start_ticks);
    }
    return {};
  };
  const auto outcome = runner_.run(shell("touch ran"), {}, {}, hook);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(was_told);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "ran"));
}

TEST_F(RunnerTest, RunsNothingWhenTheStartCannotBeRecorded) {
  Started seen;
  const StartedHook hook = [&](const Started& started) -> Result<void> {
    seen = started;
    return fail(Code::storage_failed, "disk full");
  };
  const auto outcome = runner_.run(shell("touch ran"), {}, {}, hook);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "disk full");
  EXPECT_FALSE(is_running({seen.pid, seen.start_ticks}));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "ran"));
}

TEST_F(RunnerTest, NamesAMissingProgramWithRemedy) {
  Command command = shell("");
  command.argv = {"no-such-program-here"};
  const auto outcome = run(command);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::not_found);
  EXPECT_EQ(outcome.error().message, "there is no program no-such-program-here in PATH");
  EXPECT_EQ(outcome.error().remediation,
            "Install it or correct the name; searched: /usr/local/bin:/usr/bin:/bin");
  command.argv = {"./build/tests"};
  EXPECT_EQ(run(command).error().message, "there is no program ./build/tests");
}

TEST_F(RunnerTest, TellsWhyAFileCannotBeExecuted) {
  Command command = shell("");
  std::ofstream(directory_ / "script") << "echo hi\n";
  command.argv = {"./script"};
  EXPECT_EQ(run(command).error().message, "./script is there but may not be executed");
  std::filesystem::permissions(directory_ / "script", std::filesystem::perms::owner_all);
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  std::ofstream(directory_ / "script") << "#!/no/such/interpreter\n";
  EXPECT_EQ(run(command).error().message, "the interpreter that ./script names is missing");
  command.argv = {"."};
  EXPECT_FALSE(run(command));
}

TEST_F(RunnerTest, FindsProgramsInThePathOfTheCommand) {
  std::filesystem::create_directory(directory_ / "bin");
  std::ofstream(directory_ / "bin/mine") << "#!/bin/sh\necho mine\n";
  std::filesystem::permissions(directory_ / "bin/mine", std::filesystem::perms::owner_all);
  Command command = shell("");
  command.argv = {"mine"};
  command.environment["PATH"] = "/nowhere:" + (directory_ / "bin").string();
  EXPECT_EQ(run_well(command).out, "mine\n");
}

TEST_F(RunnerTest, RefusesWhatCannotBeRun) {
  Command command = shell("true");
  command.directory = directory_ / "missing";
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  command = shell("true");
  command.directory = "relative";
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  command = shell("true");
  command.argv.clear();
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  command = shell("true");
  command.argv.emplace_back("a\0b", 3);
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  command = shell("true");
  command.environment["A=B"] = "x";
  EXPECT_EQ(run(command).error().code, Code::invalid_input);
  Runner lost(directory_ / "no-trampoline");
  EXPECT_EQ(lost.run(shell("true"), {}, {}).error().code, Code::not_found);
  Runner wrong("/bin/false");
  EXPECT_EQ(wrong.run(shell("true"), {}, {}).error().code, Code::unavailable);
}

TEST_F(RunnerTest, HoldsACommandToItsFileSize) {
  Command command = shell("head -c 200000 /dev/zero > big");
  command.limits.file_size = Bytes{100'000};
  EXPECT_NE(run_well(command).exit_code, 0);
  EXPECT_EQ(std::filesystem::file_size(directory_ / "big"), 100'000u);
}

TEST_F(RunnerTest, HoldsACommandToItsOpenFiles) {
  Command command = shell("ulimit -n");
  command.limits.open_files = 17;
  EXPECT_EQ(run_well(command).out, "17\n");
}

TEST_F(RunnerTest, HoldsACommandToItsMemory) {
  Command command = shell("");
  command.argv = {"dd", "if=/dev/zero", "of=/dev/null", "bs=512M", "count=1"};
  EXPECT_EQ(run_well(command).exit_code, 0);
  command.limits.memory = Bytes{256u << 20};
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.err.contains("memory exhausted")) << outcome.err;
}

TEST_F(RunnerTest, HoldsACommandToItsCpuTime) {
  Command command = shell("while :; do :; done");
  command.limits.cpu = Duration(1000);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::signalled);
  EXPECT_EQ(outcome.signal, SIGXCPU);
  // The kernel counts in ticks; what it says differs from what it limits by.
  EXPECT_GE(outcome.cpu.count(), 500);
}

TEST_F(RunnerTest, HoldsACommandToItsProcesses) {
  if (::geteuid() == 0) GTEST_SKIP() << "the kernel exempts root from RLIMIT_NPROC";
  Command command = part({"fork", "40"});
  EXPECT_EQ(run_well(command).out, "all");
  command.limits.processes = 8;
  EXPECT_EQ(run_well(command).out, "refused");
}

TEST_F(RunnerTest, LeavesNoCoreDump) { EXPECT_EQ(run_well(shell("ulimit -c")).out, "0\n"); }

TEST_F(RunnerTest, MeasuresMemory) {
  Command command = shell("");
  command.argv = {"dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"};
  const Bytes peak = run_well(command).peak_memory;
  EXPECT_GE(peak.count, 64u << 20);
  EXPECT_LT(peak.count, 256u << 20);
}

TEST_F(RunnerTest, HasNoTerminalToAskAt) {
  EXPECT_NE(run_well(shell("exec 3</dev/tty")).exit_code, 0);
}

TEST_F(RunnerTest, TakesSeveralCommandsAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        const std::string text = std::to_string(i) + "." + std::to_string(round);
        const auto outcome = runner_.run(shell("echo " + text), {}, {});
        if (outcome && outcome->out == text + "\n" && outcome->exit_code == 0) ++good;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good, 40);
}

TEST_F(RunnerTest, NoticesThatACommandKilledItsSupervisor) {
  const Outcome outcome = run_well(part({"kill-parent"}));
  EXPECT_EQ(outcome.ending, Ending::signalled);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_EQ(outcome.isolation_note, "the supervising process was ended before the command");
  for (const ProcessEntry& entry : list_processes()) EXPECT_NE(entry.parent, ::getpid());
  EXPECT_TRUE(carriers_of(shell("").token, list_processes()).empty());
}

TEST_F(RunnerTest, EndsACommandThatStoppedItsSupervisor) {
  LifeLine line(directory_ / "line");
  Command command = part({"stop-parent", line.path()});
  command.timeout = Duration(200);
  command.grace = Duration(0);
  const Outcome outcome = run_well(command);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_FALSE(line.is_held());
}

}  // namespace
}  // namespace writ::process
