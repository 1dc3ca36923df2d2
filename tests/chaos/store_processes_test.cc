// Several processes on one store file, and what the others see when one of them dies in the
// middle of its work.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "store/testing/faulty_vfs.h"
#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

// A process of its own that runs the workload's writes `from` … `to` - 1.
pid_t start_writer(const std::string& path, int from, int to, std::uint64_t dies_at) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  FaultyVfs vfs("faulty");
  vfs.arm(Fault::torn_death, dies_at);
  {
    const auto store = open_workload(path, "faulty");
    if (!store) {
      std::fprintf(stderr, "%s\n", store.error().text().c_str());
      ::_exit(2);
    }
    for (int i = from; i < to; ++i) {
      const auto done = workload_write(**store, i);
      if (done) continue;
      std::fprintf(stderr, "%s\n", done.error().text().c_str());
      ::_exit(3);
    }
  }
  ::_exit(0);
}

int end_of(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool has_succeeded(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

class StoreProcesses : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
};

TEST_F(StoreProcesses, ShareAFileWithoutLosingAWrite) {
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(start_writer(path_, child * 25, (child + 1) * 25, 0));
  }
  for (const pid_t child : children) EXPECT_TRUE(has_succeeded(end_of(child)));
  const auto survivors = surviving_writes(path_);
  ASSERT_TRUE(survivors) << survivors.error().text();
  EXPECT_EQ(survivors->size(), 100u);
}

TEST_F(StoreProcesses, GoOnWhenOneOfThemDies) {
  for (std::uint64_t dies_at = 20; dies_at <= 80; dies_at += 3) {
    SCOPED_TRACE("death at call " + std::to_string(dies_at));
    const TemporaryDirectory directory;
    const std::string path = directory.file("store.db");
    const pid_t mortal = start_writer(path, 0, 30, dies_at);
    const pid_t healthy = start_writer(path, 100, 130, 0);
    const int death = end_of(mortal);
    EXPECT_TRUE(WIFSIGNALED(death) && WTERMSIG(death) == SIGKILL) << death;
    EXPECT_TRUE(has_succeeded(end_of(healthy)));
    const auto survivors = surviving_writes(path);
    ASSERT_TRUE(survivors) << survivors.error().text();
    for (int i = 100; i < 130; ++i) EXPECT_TRUE(survivors->contains(i)) << "lost write " << i;
  }
}

}  // namespace
}  // namespace writ::store
