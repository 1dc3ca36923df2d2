// Several processes append to, sequence and sign one log.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "ledger_workload.h"

namespace writ::ledger {
namespace {

template <typename F>
pid_t start(F&& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const Result<void> done = work();
  if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  ::_exit(done ? 0 : 1);
}

pid_t start_workload(const std::string& path, std::uint64_t from, std::uint64_t to) {
  return start([&]() -> Result<void> {
    WRIT_TRY(const auto log, OpenLog::open(path));
    WRIT_CHECK(run_workload(*log, from, to, [](std::uint64_t) {}));
    WRIT_CHECK(log->ledger->checkpoint(log_key()));
    return {};
  });
}

void expect_success(const std::vector<pid_t>& children) {
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

class LedgerProcesses : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = (directory_.path() / "log.db").string();
};

TEST_F(LedgerProcesses, ShareOneLog) {
  std::vector<pid_t> children;
  for (std::uint64_t i = 0; i < 4; ++i) {
    children.push_back(start_workload(path_, i * 30, (i + 1) * 30));
  }
  expect_success(children);
  EXPECT_EQ(recover(path_).value(), 120u);
  EXPECT_TRUE(has_all(path_, 120).value());
}

TEST_F(LedgerProcesses, TakeWhatAllOfThemSendOnlyOnce) {
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) children.push_back(start_workload(path_, 0, 40));
  expect_success(children);
  EXPECT_EQ(recover(path_).value(), 40u);
  EXPECT_TRUE(has_all(path_, 40).value());
}

// One process only appends, two only sequence: each of them fenced by the head row.
TEST_F(LedgerProcesses, MaySequenceAtTheSameTime) {
  const pid_t appender = start([&]() -> Result<void> {
    WRIT_TRY(const auto log, OpenLog::open(path_));
    for (std::uint64_t i = 0; i < 60; ++i) {
      WRIT_CHECK(log->store->write(
          [&](store::Tx& tx) { return log->ledger->append(tx, workload_entry(i)); }));
    }
    return {};
  });
  std::vector<pid_t> sequencers;
  for (int i = 0; i < 2; ++i) {
    sequencers.push_back(start([&]() -> Result<void> {
      WRIT_TRY(const auto log, OpenLog::open(path_));
      for (std::uint64_t size = 0; size < 60;) {
        WRIT_CHECK(log->ledger->sequence());
        WRIT_TRY(const Checkpoint head, log->ledger->checkpoint(log_key()));
        size = head.size;
      }
      return {};
    }));
  }
  expect_success({appender});
  expect_success(sequencers);
  EXPECT_EQ(recover(path_).value(), 60u);
  const auto log = OpenLog::open(path_).value();
  for (std::uint64_t i = 0; i < 60; ++i) {
    EXPECT_EQ(log->ledger->at(i)->entry.id, workload_entry(i).id) << "commit order at " << i;
  }
}

}  // namespace
}  // namespace writ::ledger
