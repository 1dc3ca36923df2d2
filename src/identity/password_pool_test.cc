#include "identity/password_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <latch>

namespace writ::identity {
namespace {

using crypto::PasswordVerdict;
using std::chrono::steady_clock;

crypto::PasswordHasher quick() { return crypto::PasswordHasher::create({1, 64}, {}).value(); }

TEST(PasswordPool, HashesAndVerifies) {
  const crypto::PasswordHasher hasher = quick();
  PasswordPool pool(hasher, {.threads = 2});
  const std::string phc = pool.hash("secret words").value();
  EXPECT_EQ(pool.verify("secret words", phc).value(), PasswordVerdict::right);
  EXPECT_EQ(pool.verify("other words", phc).value(), PasswordVerdict::wrong);
  EXPECT_EQ(pool.verify_nobody("secret words").value(), PasswordVerdict::wrong);
  EXPECT_EQ(pool.verify("secret words", "no hash").error().text(),
            "invalid_input: the stored password hash cannot be read");
}

TEST(PasswordPool, ServesManyCallersAtOnce) {
  const crypto::PasswordHasher hasher = quick();
  PasswordPool pool(hasher, {.threads = 2});
  const std::string phc = pool.hash("right").value();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 16; ++i) {
      callers.emplace_back([&, i] {
        const auto verdict = pool.verify(i % 2 == 0 ? "right" : "wrong", phc);
        if (verdict.value() == PasswordVerdict::right) ++right;
      });
    }
  }
  EXPECT_EQ(right, 8);
}

TEST(PasswordPool, RefusesWhatDoesNotFit) {
  const crypto::PasswordHasher hasher = quick();
  PasswordPool pool(hasher, {.threads = 1, .queue_limit = 0});
  EXPECT_EQ(pool.hash("x").error().text(), "overloaded: too many passwords are being checked");
}

// A pool whose only thread is held until the test lets it go.
class HeldPool : public testing::Test {
 protected:
  void SetUp() override {
    holder_ = std::async(std::launch::async, [this] {
      return pool_->run<int>([this]() -> Result<int> {
        niceness_ = ::getpriority(PRIO_PROCESS, 0);
        held_.count_down();
        release_.wait();
        return 7;
      });
    });
    held_.wait();
  }
  void TearDown() override {
    if (holder_.valid()) let_go();
  }
  int let_go() {
    release_.count_down();
    return holder_.get().value();
  }
  std::future<std::string> wait_for(QuietWait wait) {
    return std::async(std::launch::async, [this, wait] {
      const auto outcome = pool_->run<int>([]() -> Result<int> { return 1; }, wait);
      return outcome ? std::to_string(*outcome) : outcome.error().text();
    });
  }
  void await_queue(std::size_t size) {
    while (pool_->waiting() < size) std::this_thread::yield();
  }

  std::latch held_{1};
  std::latch release_{1};
  int niceness_ = 0;
  std::unique_ptr<QuietPool> pool_ = std::make_unique<QuietPool>(1, 2);
  std::future<Result<int>> holder_;
};

TEST_F(HeldPool, ServesInTurnOnceItIsFree) {
  auto next = wait_for({});
  await_queue(1);
  EXPECT_EQ(let_go(), 7);
  EXPECT_EQ(next.get(), "1");
}

TEST_F(HeldPool, RefusesAtOnceWhatDoesNotFitIntoTheQueue) {
  auto first = wait_for({});
  auto second = wait_for({});
  await_queue(2);
  EXPECT_EQ(wait_for({}).get(), "overloaded: too many passwords are being checked");
  EXPECT_EQ(let_go(), 7);
  EXPECT_EQ(first.get() + second.get(), "11");
}

TEST_F(HeldPool, AWaitEndsAtItsDeadline) {
  EXPECT_EQ(wait_for({.deadline = steady_clock::now()}).get(),
            "timed_out: the password was not checked in time");
}

TEST_F(HeldPool, AWaitEndsWhenItIsStopped) {
  std::stop_source source;
  auto waiter = wait_for({.stop = source.get_token()});
  await_queue(1);
  source.request_stop();
  EXPECT_EQ(waiter.get(), "cancelled: the password was not checked: the server is shutting down");
}

TEST_F(HeldPool, WhatNobodyWaitsForIsNotDone) {
  std::atomic<bool> is_done = false;
  const auto given_up = pool_->run<int>(
      [&]() -> Result<int> {
        is_done = true;
        return 1;
      },
      {.deadline = steady_clock::now()});
  EXPECT_EQ(given_up.error().code, Code::timed_out);
  auto next = wait_for({});
  EXPECT_EQ(let_go(), 7);
  EXPECT_EQ(next.get(), "1");
  EXPECT_FALSE(is_done);
}

TEST_F(HeldPool, ItsEndTellsWhoStillWaits) {
  auto waiter = wait_for({});
  await_queue(1);
  auto end = std::async(std::launch::async, [this] { pool_.reset(); });
  EXPECT_EQ(waiter.get(), "cancelled: the password was not checked: the server is shutting down");
  EXPECT_EQ(let_go(), 7);
  end.get();
}

TEST_F(HeldPool, ItsThreadsYieldToOthers) {
  EXPECT_EQ(niceness_, std::min(19, ::getpriority(PRIO_PROCESS, 0) + 10));
}

}  // namespace
}  // namespace writ::identity
