// Whole servers under load while the wall clock jumps by hours, forward and back, on the only
// machine or on one of three. What was done once is not done again, what was spent stays spent,
// what had ended does not live again, and nobody waits for the hours that the clock was wrong by.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "asker.h"
#include "base/clock.h"
#include "base/testing/temporary_directory.h"
#include "crypto/base32.h"
#include "crypto/totp.h"
#include "event_writers.h"
#include "serve_process.h"
#include "served_project.h"
#include "shared_word.h"
#include "store/open.h"
#include "store/testing/postgres_server.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 20'261'122;

using ClockJumps = ServedProject;

TEST_F(ClockJumps, StepsAndEventsAreThereOnceAndTimersFire) {
  EventWriters writers(board_, key_, kSeed);
  writers.begin(2);
  // Each jump meets a run that pauses and one whose note is being written. A note that was written
  // by a clock that has been set back since counts where it was handed in before.
  for (const std::chrono::microseconds wrong_by : {5h, 0h, -3h}) {
    const bool goes_back = wrong_by < this->wrong_by();
    const std::string working = start_run();
    ASSERT_TRUE(waits(working, kNote));
    const std::string resting = start_run();
    ASSERT_TRUE(waits(resting, kPause));
    if (goes_back) hand_in_note(working);
    set_clock(wrong_by);
    writers.wait_for_more(100);
    if (!goes_back) hand_in_note(working);
    expect_attested(working);
    ASSERT_TRUE(passes(resting, kPause)) << resting << " still waits at its pause";
    hand_in_note(resting);
    expect_attested(resting);
    if (HasFatalFailure()) return;
  }
  writers.stop();
  expect_each_step_once();
  expect_nothing_lost();
}

TEST_F(ClockJumps, WhatWasSpentOrOverStaysSo) {
  const Said ended = sign_in();
  ASSERT_EQ(ended.status, 200) << ended.shown();
  ASSERT_EQ(asker_->post("/auth/jwt/logout", Value(), ended.text("access_token")).status, 204);
  const Said before = sign_in();
  const auto opens = [&](const Said& tokens) {
    return asker_->get("/users/me", tokens.text("access_token")).status == 200;
  };
  ASSERT_TRUE(opens(before)) << before.shown();
  ASSERT_FALSE(opens(ended));

  // The clock jumps forward: what it says is over is over, and does not begin again when the clock
  // is set right. Whoever signs in now is served, before and after that.
  set_clock(2h);
  EXPECT_FALSE(opens(before)) << "its token is over by two hours";
  const Said meanwhile = sign_in();
  ASSERT_EQ(meanwhile.status, 200) << meanwhile.shown();
  EXPECT_TRUE(opens(meanwhile));
  set_clock(0h);
  EXPECT_FALSE(opens(before)) << "it lives again";
  EXPECT_FALSE(opens(ended));
  EXPECT_TRUE(opens(meanwhile)) << "whose session goes on";
  const Said after = sign_in();
  ASSERT_EQ(after.status, 200) << after.shown();
  EXPECT_TRUE(opens(after));

  // A clock set behind what was right: nothing lives longer for it.
  set_clock(-3h);
  EXPECT_FALSE(opens(before));
  EXPECT_FALSE(opens(ended));
  EXPECT_TRUE(opens(after));
  const Said refreshed =
      asker_->post("/auth/jwt/refresh", Object{{"refresh_token", after.text("refresh_token")}});
  ASSERT_EQ(refreshed.status, 200) << refreshed.shown();
  EXPECT_TRUE(opens(refreshed));
}

TEST_F(ClockJumps, ACodeOfASecondFactorIsTakenOnceAndTheRightOneAlways) {
  const Said in = sign_in();
  const Said seed = asker_->post("/mfa/totp", Object{{"current_password", kRootPassword}},
                                 in.text("access_token"));
  ASSERT_EQ(seed.status, 201) << seed.shown();
  const crypto::SecretBytes secret = crypto::parse_base32(seed.text("secret")).value();
  // As the phone shows it, whose clock is right.
  const auto step_now = [] { return crypto::totp_step(SystemClock().wall(), {}); };
  const auto code_of = [&](std::int64_t step) {
    return crypto::totp_code(secret.view(), step, {});
  };
  const std::int64_t first = step_now();
  ASSERT_EQ(
      asker_->post("/mfa/totp/confirm", Object{{"code", code_of(first)}}, in.text("access_token"))
          .status,
      200);
  const auto status_with = [&](std::int64_t step) { return sign_in(code_of(step)).status; };
  for (const std::chrono::microseconds jump : {0h, 5h, 0h, -3h}) {
    set_clock(jump);
    EXPECT_EQ(status_with(first), 400) << "it was used, before the jump to " << jump.count();
  }
  // Once the clock is right, so is what the phone shows: a code of the next step is within the
  // drift that is allowed.
  set_clock(0h);
  EXPECT_EQ(status_with(first + 1), 200);
  EXPECT_EQ(status_with(first + 1), 400);
}

TEST_F(ClockJumps, WaitsAfterMistakesNeitherVanishNorLastForHours) {
  const auto mistake = [&] { return asker_->sign_in(kRoot, "wrong").status; };
  ASSERT_TRUE(comes_true([&] { return mistake() == 429; })) << "nothing is counted";
  set_clock(-3h);
  const Said waits = sign_in();
  ASSERT_EQ(waits.status, 429) << "the wait vanished: " << waits.shown();
  EXPECT_LE(std::stoi(waits.retry_after), 60) << "the wait is longer by the jump";
  EXPECT_GE(std::stoi(waits.retry_after), 1);
  EXPECT_TRUE(comes_true([&] { return sign_in().status == 200; })) << "it lasts for ever";
}

// Three servers on one PostgreSQL, each as if on a machine of its own.
class ClockOfOneServer : public ::testing::Test {
 protected:
  static constexpr std::size_t kServers = 3;

  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    database_ = std::make_unique<store::PostgresServer>();
    url_ = database_->url(database_->make_database());
    const Environment all{{"WRIT_STORE", url_},
                          {"WRIT_IDENTITY_SECRETS", file("secrets.json")},
                          {"WRIT_SERVER_PUBLIC_URL", "http://clocks.test"}};
    run_writ({"identity", "bootstrap-admin", kRoot}, directory_.path().string(), all,
             std::string(kRootPassword) + "\n");
    for (std::size_t i = 0; i < kServers; ++i) {
      clocks_.at(i) = std::make_unique<SharedWord>(file("clock" + std::to_string(i)));
      Environment own = under_clock(*clocks_.at(i));
      own.insert(all.begin(), all.end());
      servers_.at(i) = std::make_unique<ServeProcess>(directory_.path().string(), own, file("log"));
      askers_.at(i) = std::make_unique<Asker>(servers_.at(i)->url());
      board_.set(i, servers_.at(i)->url());
    }
  }
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }
  Said sign_in(std::size_t server) { return askers_.at(server)->sign_in(kRoot, kRootPassword); }
  bool opens(const Said& tokens, std::size_t server) {
    return askers_.at(server)->get("/users/me", tokens.text("access_token")).status == 200;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::PostgresServer> database_;
  std::string url_;
  std::array<std::unique_ptr<SharedWord>, kServers> clocks_;
  std::array<std::unique_ptr<ServeProcess>, kServers> servers_;
  std::array<std::unique_ptr<Asker>, kServers> askers_;
  Board board_{kServers};
};

TEST_F(ClockOfOneServer, JumpsAndNobodyNotices) {
  const Said first = sign_in(0);
  ASSERT_EQ(first.status, 200) << first.shown();
  const Said key = askers_.at(0)->post("/auth/api-keys/", Object{{"purpose", "load"}},
                                       first.text("access_token"));
  ASSERT_EQ(key.status, 201) << key.shown();
  EventWriters writers(board_, key.text("key"), kSeed);
  writers.begin(3);
  std::size_t jumping = 0;
  for (const std::chrono::microseconds wrong_by : {5h, -3h}) {
    clocks_.at(jumping)->set(wrong_by.count());
    const Said ended = sign_in(1);
    ASSERT_EQ(askers_.at(1)->post("/auth/jwt/logout", Value(), ended.text("access_token")).status,
              204);
    for (std::size_t at = 0; at < kServers; ++at) {
      const Said tokens = sign_in(at);
      ASSERT_EQ(tokens.status, 200) << tokens.shown();
      for (std::size_t elsewhere = 0; elsewhere < kServers; ++elsewhere) {
        EXPECT_TRUE(opens(tokens, elsewhere))
            << "of server " << at << " at " << elsewhere << "; the clock of " << jumping
            << " is wrong by " << wrong_by.count();
        EXPECT_FALSE(opens(ended, elsewhere));
      }
      const Said refreshed =
          askers_.at((at + 1) % kServers)
              ->post("/auth/jwt/refresh", Object{{"refresh_token", tokens.text("refresh_token")}});
      EXPECT_EQ(refreshed.status, 200) << refreshed.shown();
    }
    writers.wait_for_more(200);
    if (HasFatalFailure()) return;
    clocks_.at(jumping)->set(0);
    ++jumping;
  }
  writers.wait_for_more(100);
  writers.stop();
  for (auto& server : servers_) {
    EXPECT_TRUE(server->is_alive());
    server = nullptr;
  }
  const auto store = store::open(url_).value();
  expect_whole(board_, *store, "");
}

}  // namespace
}  // namespace writ::chaos
