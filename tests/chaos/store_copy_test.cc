// A copy from one store to another is killed: at every call that changes the file it writes, or at
// any time when it writes to PostgreSQL. Nobody takes what is there for a store, and copying again
// makes it whole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "store/copy.h"
#include "store/testing/faulty_vfs.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

const CopyOptions kSmallSlices{.slice_rows = 3};

// The status of a child that does `work`.
pid_t start(const std::function<Result<void>()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const auto done = work();
  if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  ::_exit(done ? 0 : 1);
}

int end_of(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

class StoreCopies : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto source = open_workload(from_, {}).value();
    for (int i = 0; i < kWorkloadWrites; ++i) ASSERT_TRUE(workload_write(*source, i));
  }
  Result<void> copy_to(const OpenOptions& options) const {
    WRIT_TRY(const auto from, open("sqlite:" + from_));
    WRIT_TRY(const auto to, open(to_, options));
    WRIT_CHECK(copy(*from, *to, workload_migrations(), kSmallSlices));
    return {};
  }
  // Whatever a killed copy has left becomes the source's equal and a store like any other.
  void expect_made_whole() {
    if (const auto opened = open(to_); !opened) {
      EXPECT_EQ(opened.error().message, "the store is a copy that has not been finished");
    }
    const auto from = open("sqlite:" + from_).value();
    const auto to = open(to_, {.unfinished_copy = UnfinishedCopy::open}).value();
    const auto reports = copy(*from, *to, workload_migrations(), kSmallSlices);
    ASSERT_TRUE(reports) << reports.error().text();
    EXPECT_EQ((*reports)[0].rows, static_cast<std::uint64_t>(kWorkloadWrites));
    ASSERT_TRUE(finish_copy(*to));
    EXPECT_TRUE(to->check());
  }

  TemporaryDirectory directory_;
  const std::string from_ = directory_.file("from.db");
  std::string to_;
};

TEST_F(StoreCopies, AreMadeWholeAfterADeathAtAnyWrite) {
  int deaths = 0;
  for (std::uint64_t at = 1;; ++at) {
    SCOPED_TRACE("death at call " + std::to_string(at));
    const TemporaryDirectory directory;
    const std::string path = directory.file("to.db");
    to_ = "sqlite:" + path;
    const int status = end_of(start([&] {
      FaultyVfs vfs("faulty");
      vfs.arm(Fault::torn_death, at);
      return copy_to({.sqlite_vfs = "faulty"});
    }));
    expect_made_whole();
    EXPECT_EQ(surviving_writes(path).value().size(), static_cast<std::size_t>(kWorkloadWrites));
    if (!was_killed(status)) {
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
      break;
    }
    ++deaths;
  }
  EXPECT_GT(deaths, 20) << "every call was gone through";
}

TEST_F(StoreCopies, ToPostgresAreMadeWholeAfterADeathAtAnyTime) {
  if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
  PostgresServer server;
  constexpr std::uint64_t kSeed = 20'261'121;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  int deaths = 0;
  for (int round = 0; round < 12; ++round) {
    to_ = server.url(server.make_database());
    const pid_t child = start([&] { return copy_to({.unfinished_copy = UnfinishedCopy::open}); });
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 120));
    ::kill(child, SIGKILL);
    deaths += was_killed(end_of(child)) ? 1 : 0;
    expect_made_whole();
  }
  EXPECT_GT(deaths, 0);
  std::printf("%d copies were killed\n", deaths);
}

}  // namespace
}  // namespace writ::store
