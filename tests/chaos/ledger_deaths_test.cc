// The process is killed, or the power goes, at every call that changes a file while it appends,
// sequences and signs. Afterwards the log verifies, goes on, and has every acknowledged event.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/testing/temporary_directory.h"
#include "ledger_workload.h"
#include "store/testing/faulty_vfs.h"

namespace writ::ledger {
namespace {

using store::Fault;
using store::FaultyVfs;

constexpr std::uint64_t kEntries = 27;

struct Life {
  std::uint64_t acknowledged = 0;
  bool was_killed = false;
};

// In the child: every acknowledged entry is one byte in the pipe.
[[noreturn]] void live(const std::string& path, Fault fault, std::uint64_t at, int pipe) {
  FaultyVfs vfs("faulty");
  vfs.arm(fault, at);
  {
    const auto log = OpenLog::open(path, "faulty");
    if (!log) ::_exit(2);
    const auto done = run_workload(**log, 0, kEntries, [&](std::uint64_t) {
      if (::write(pipe, "e", 1) != 1) ::_exit(4);
    });
    if (!done) ::_exit(3);
  }
  ::_exit(0);
}

Life live_and_die(const std::string& path, Fault fault, std::uint64_t at) {
  int pipe[2] = {-1, -1};
  EXPECT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    live(path, fault, at, pipe[1]);
  }
  ::close(pipe[1]);
  Life out;
  char byte = 0;
  while (::read(pipe[0], &byte, 1) == 1) ++out.acknowledged;
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  out.was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(out.was_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << status;
  return out;
}

std::uint64_t count_calls() {
  const TemporaryDirectory directory;
  FaultyVfs vfs("faulty");
  vfs.arm(Fault::none, 0);
  {
    const auto log = OpenLog::open((directory.path() / "log.db").string(), "faulty");
    EXPECT_TRUE(log) << log.error().text();
    EXPECT_TRUE(run_workload(**log, 0, kEntries, [](std::uint64_t) {}));
  }
  return vfs.calls();
}

class LedgerDeaths : public ::testing::TestWithParam<Fault> {};

TEST_P(LedgerDeaths, LoseNothingThatWasAcknowledged) {
  const std::uint64_t calls = count_calls();
  EXPECT_GT(calls, 100u);
  std::uint64_t killed = 0;
  for (std::uint64_t at = 1; at <= calls; ++at) {
    SCOPED_TRACE("death at call " + std::to_string(at) + " of " + std::to_string(calls));
    const TemporaryDirectory directory;
    const std::string path = (directory.path() / "log.db").string();
    const Life life = live_and_die(path, GetParam(), at);
    killed += life.was_killed ? 1 : 0;
    const auto events = recover(path);
    ASSERT_TRUE(events) << events.error().text();
    EXPECT_GE(*events, life.acknowledged);
    const auto is_complete = has_all(path, life.acknowledged);
    ASSERT_TRUE(is_complete) << is_complete.error().text();
    EXPECT_TRUE(*is_complete);
  }
  EXPECT_GT(killed, calls / 2);
}

INSTANTIATE_TEST_SUITE_P(AtEveryCall, LedgerDeaths,
                         ::testing::Values(Fault::death, Fault::torn_death, Fault::power_loss),
                         [](const auto& fault) {
                           switch (fault.param) {
                             case Fault::death:
                               return "Killed";
                             case Fault::torn_death:
                               return "KilledInHalfAWrite";
                             default:
                               return "PowerLost";
                           }
                         });

// After an error the same process goes on, or opens the log again where the store says so.
TEST(LedgerErrors, AtAnyCallLeaveALogThatGoesOn) {
  const std::uint64_t calls = count_calls();
  for (std::uint64_t at = 1; at <= calls; at += 2) {
    SCOPED_TRACE("error at call " + std::to_string(at));
    const TemporaryDirectory directory;
    const std::string path = (directory.path() / "log.db").string();
    std::uint64_t acknowledged = 0;
    {
      FaultyVfs vfs("faulty");
      vfs.arm(at % 4 == 1 ? Fault::io_error : Fault::disk_full, at);
      const auto log = OpenLog::open(path, "faulty");
      if (log) {
        const auto done = run_workload(**log, 0, kEntries, [&](std::uint64_t) { ++acknowledged; });
        EXPECT_TRUE(done || done.error().code == Code::storage_failed) << done.error().text();
      }
    }
    const auto events = recover(path);
    ASSERT_TRUE(events) << events.error().text();
    EXPECT_GE(*events, acknowledged);
    EXPECT_TRUE(has_all(path, acknowledged).value());
  }
}

}  // namespace
}  // namespace writ::ledger
