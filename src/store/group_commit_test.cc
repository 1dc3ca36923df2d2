#include "store/group_commit.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/open.h"
#include "store/store.h"
#include "store/testing/fake_clock.h"

namespace writ::store {
namespace {

// Runs closures and records the batches they came in.
class RecordingRunner final : public BatchRunner {
 public:
  void run(Batch& batch) noexcept override {
    if (before_batch) before_batch();
    while (PendingWrite* const write = batch.next()) {
      write->result = store_->read([&](Tx& tx) { return (*write->body)(tx); });
      if (after_each) after_each();
    }
    sizes.push_back(batch.taken().size());
    if (fails) {
      batch.take_all();
      for (const auto& write : batch.taken()) write->result = fail(Code::storage_failed, "full");
    }
    threads.push_back(std::this_thread::get_id());
  }
  void tidy() noexcept override { ++tidied; }

  std::function<void()> before_batch;
  std::function<void()> after_each;
  bool fails = false;
  std::vector<std::size_t> sizes;
  std::vector<std::thread::id> threads;
  int tidied = 0;

 private:
  std::unique_ptr<Store> store_ = open("memory:").value();
};

Body noting(std::vector<std::string>& log, std::string name) {
  return [&log, name = std::move(name)](Tx&) -> Result<void> {
    log.push_back(name);
    return {};
  };
}

// Queues asynchronous writes while a batch runs, as other callers would.
class GroupCommitTest : public ::testing::Test {
 protected:
  void queue(const std::string& name) {
    const auto queued = commits_.write_async(noting(log_, name), [this](const Result<void>& done) {
      const std::lock_guard lock(mutex_);
      ++called_back_[done ? "ok" : done.error().message];
    });
    EXPECT_TRUE(queued);
  }
  int called_back(const std::string& how) {
    const std::lock_guard lock(mutex_);
    return called_back_[how];
  }

  FakeClock clock_;
  RecordingRunner runner_;
  std::vector<std::string> log_;
  std::mutex mutex_;
  std::map<std::string, int> called_back_;
  GroupCommit commits_{runner_, clock_, {.writes = 3, .open_for = std::chrono::milliseconds(10)}};
};

using Strings = std::vector<std::string>;
using Sizes = std::vector<std::size_t>;

TEST_F(GroupCommitTest, RunsALoneWriteOnItsCallersThread) {
  EXPECT_TRUE(commits_.write(noting(log_, "a")));
  EXPECT_EQ(log_, Strings{"a"});
  EXPECT_EQ(runner_.threads, std::vector{std::this_thread::get_id()});
  EXPECT_EQ(runner_.tidied, 1);
}

TEST_F(GroupCommitTest, ReturnsTheErrorOfTheClosure) {
  const Body body = [](Tx&) -> Result<void> { return fail(Code::conflict, "no"); };
  const auto done = commits_.write(body);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "no");
}

TEST_F(GroupCommitTest, TakesInWritesThatArriveWhileTheBatchRuns) {
  runner_.after_each = [&] {
    if (log_.size() == 1) queue("b");
  };
  EXPECT_TRUE(commits_.write(noting(log_, "a")));
  EXPECT_EQ(log_, (Strings{"a", "b"}));
  EXPECT_EQ(runner_.sizes, Sizes{2});
}

TEST_F(GroupCommitTest, ClosesABatchThatIsFull) {
  runner_.before_batch = [&] {
    if (!log_.empty()) return;
    for (const char* name : {"b", "c", "d"}) queue(name);
  };
  EXPECT_TRUE(commits_.write(noting(log_, "a")));
  while (called_back("ok") < 3) std::this_thread::yield();
  EXPECT_EQ(log_, (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(runner_.sizes, (Sizes{3, 1}));
  EXPECT_NE(runner_.threads[1], std::this_thread::get_id());
}

TEST_F(GroupCommitTest, ClosesABatchThatHasBeenOpenTooLong) {
  runner_.after_each = [&] {
    if (log_.size() != 1) return;
    queue("b");
    clock_.pass(std::chrono::milliseconds(10));
  };
  EXPECT_TRUE(commits_.write(noting(log_, "a")));
  while (called_back("ok") < 1) std::this_thread::yield();
  EXPECT_EQ(runner_.sizes, (Sizes{1, 1}));
}

TEST_F(GroupCommitTest, GivesEverybodyTheFailureOfTheBatch) {
  runner_.fails = true;
  runner_.before_batch = [&] {
    if (log_.empty()) queue("b");
  };
  const auto done = commits_.write(noting(log_, "a"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::storage_failed);
  while (called_back("full") < 1) std::this_thread::yield();
  EXPECT_EQ(called_back("ok"), 0);
}

TEST_F(GroupCommitTest, HandsLeadershipToAWaitingCaller) {
  std::promise<void> first_runs;
  std::promise<void> second_may_queue;
  std::thread::id second_thread;
  std::thread second([&] {
    first_runs.get_future().wait();
    second_thread = std::this_thread::get_id();
    second_may_queue.set_value();
    EXPECT_TRUE(commits_.write(noting(log_, "second")));
  });
  bool is_first = true;
  const Body body = [&](Tx&) -> Result<void> {
    if (std::exchange(is_first, false)) {
      first_runs.set_value();
      second_may_queue.get_future().wait();
    }
    log_.push_back("first");
    return {};
  };
  EXPECT_TRUE(commits_.write(body));
  second.join();
  // The second came into the first's batch or led one of its own, whichever way they met.
  EXPECT_EQ(log_, (Strings{"first", "second"}));
  if (runner_.sizes == Sizes{1, 1}) {
    EXPECT_EQ(runner_.threads[1], second_thread);
  }
}

TEST_F(GroupCommitTest, LosesNobodyAmongManyCallers) {
  constexpr int kThreads = 16;
  constexpr int kEach = 200;
  int sum = 0;  // only ever touched by the leader
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const Body count = [&](Tx&) -> Result<void> {
        ++sum;
        return {};
      };
      for (int i = 0; i < kEach; ++i) {
        if (i % 4 == 0) {
          queue("async");
        } else {
          EXPECT_TRUE(commits_.write(count));
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  while (called_back("ok") < kThreads * kEach / 4) std::this_thread::yield();
  EXPECT_EQ(sum, kThreads * kEach * 3 / 4);
  EXPECT_EQ(log_.size(), static_cast<std::size_t>(kThreads * kEach / 4));
}

TEST(GroupCommit, FinishesAsynchronousWritesWhenItGoes) {
  FakeClock clock;
  RecordingRunner runner;
  std::vector<std::string> log;
  int called = 0;
  {
    GroupCommit commits(runner, clock);
    for (const char* name : {"a", "b", "c"}) {
      EXPECT_TRUE(commits.write_async(noting(log, name), [&](const Result<void>&) { ++called; }));
    }
  }
  EXPECT_EQ(log, (Strings{"a", "b", "c"}));
  EXPECT_EQ(called, 3);
}

TEST(GroupCommit, RefusesAsynchronousWritesWhenTooManyAreNotDone) {
  FakeClock clock;
  RecordingRunner runner;
  std::vector<std::string> log;
  std::promise<void> may_go_on;
  std::promise<void> is_done;
  const auto gate = may_go_on.get_future().share();
  runner.before_batch = [&] { gate.wait(); };
  GroupCommitLimits limits;
  limits.async_writes = 2;
  GroupCommit commits(runner, clock, limits);
  EXPECT_TRUE(commits.write_async(noting(log, "a"), {}));
  EXPECT_TRUE(
      commits.write_async(noting(log, "b"), [&](const Result<void>&) { is_done.set_value(); }));
  bool is_called = false;
  const auto refused =
      commits.write_async(noting(log, "c"), [&](const Result<void>&) { is_called = true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::overloaded);
  may_go_on.set_value();
  is_done.get_future().wait();
  // Room again once the callbacks have returned, which is a moment after the last one was made.
  std::promise<void> is_accepted;
  while (!commits.write_async(noting(log, "d"),
                              [&](const Result<void>&) { is_accepted.set_value(); })) {
    std::this_thread::yield();
  }
  is_accepted.get_future().wait();
  EXPECT_EQ(log, (Strings{"a", "b", "d"}));
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace writ::store
