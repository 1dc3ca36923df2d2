// The process is killed, or the power goes, at every call that changes a file. Whatever was
// acknowledged is there afterwards, the write in flight is there whole or not at all.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "store/testing/faulty_vfs.h"
#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

struct Life {
  int acknowledged = 0;
  bool was_killed = false;
};

// In the child: every acknowledged write is one byte in the pipe.
[[noreturn]] void live(const std::string& path, Fault fault, std::uint64_t at, int pipe) {
  FaultyVfs vfs("faulty");
  vfs.arm(fault, at);
  {
    const auto store = open_workload(path, "faulty");
    if (!store) ::_exit(2);
    for (int i = 0; i < kWorkloadWrites; ++i) {
      if (!workload_write(**store, i)) ::_exit(3);
      if (::write(pipe, "w", 1) != 1) ::_exit(4);
    }
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

class StoreDeaths : public ::testing::TestWithParam<Fault> {};

TEST_P(StoreDeaths, LoseNothingThatWasAcknowledged) {
  int deaths = 0;
  for (std::uint64_t at = 1;; ++at) {
    SCOPED_TRACE("death at call " + std::to_string(at));
    const TemporaryDirectory directory;
    const std::string path = directory.file("store.db");
    const Life life = live_and_die(path, GetParam(), at);
    const auto survivors = surviving_writes(path);
    ASSERT_TRUE(survivors) << survivors.error().text();
    for (int i = 0; i < life.acknowledged; ++i) EXPECT_TRUE(survivors->contains(i)) << i;
    EXPECT_LE(survivors->size(), static_cast<std::size_t>(life.acknowledged) + 1);
    if (HasFailure() || !life.was_killed) break;
    ++deaths;
  }
  EXPECT_GT(deaths, 100);
}

INSTANTIATE_TEST_SUITE_P(AtEveryCall, StoreDeaths,
                         ::testing::Values(Fault::death, Fault::torn_death, Fault::power_loss),
                         [](const auto& test) -> std::string {
                           if (test.param == Fault::death) return "BeforeTheCall";
                           return test.param == Fault::torn_death ? "InTheMiddle" : "ByPowerLoss";
                         });

}  // namespace
}  // namespace writ::store
