// A restore is killed at every call that changes a file, and meets a full disk at every one: what
// is there afterwards is what was there before or what the backup has, never a mixture, every
// backup that is listed opens, and asking again finishes it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "faulty_process.h"
#include "identity/recovery/testing/recovery_room.h"
#include "store/testing/postgres_server.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

const std::string kNow = "now";
const std::string kThen = "then";

class RecoveryDeaths : public testing::Test {
 protected:
  // A store whose three users had other addresses when its backup was made.
  void SetUp() override { set_up("sqlite:" + (origin_.path() / "writ.db").string()); }
  void set_up(const std::string& url) {
    RecoveryRoom room(url);
    room.secrets = load_server_secrets(origin_.path() / "secrets.json", IfMissing::make).value();
    const RecoveryParts parts{*room.store, *room.journal, room.clock,
                              room.random, room.secrets,  origin_.path() / "backups"};
    for (std::uint8_t i = 1; i <= 3; ++i) room.add_user(i, address(i, kThen), i == 1);
    const auto made = make_backup(parts, BackupReason::asked, room.deed());
    ASSERT_TRUE(made) << made.error().text();
    backup_ = made->id;
    move_on(room);
  }
  static void move_on(RecoveryRoom& room) {
    for (std::uint8_t i = 1; i <= 3; ++i) {
      EXPECT_EQ(room.attempt([&](store::Tx& tx, const Deed& by) {
        return change_user(tx, numbered<PrincipalId>(i), {.email = address(i, kNow)}, by);
      }),
                "ok");
    }
  }

  static std::string address(std::uint8_t last, const std::string& when) {
    return when + std::to_string(last) + "@example.org";
  }

  // "now", "then", or what is wrong with the directory.
  static std::string state_of(const fs::path& directory) {
    return state_of(directory, "sqlite:" + (directory / "writ.db").string());
  }
  static std::string state_of(const fs::path& directory, const std::string& url) {
    RecoveryRoom room(url);
    room.secrets = load_server_secrets(directory / "secrets.json", IfMissing::fail).value();
    const RecoveryParts parts{*room.store, *room.journal, room.clock,
                              room.random, room.secrets,  directory / "backups"};
    const auto listed = list_backups(parts);
    if (!listed) return listed.error().text();
    for (const Manifest& one : *listed) {
      if (const auto opened = open_backup(parts, one.id); !opened) return opened.error().text();
    }
    std::string out;
    for (std::uint8_t i = 1; i <= 3; ++i) {
      const auto user =
          room.look([&](store::Tx& tx) { return find_user(tx, numbered<PrincipalId>(i)); });
      const std::string email = user ? user->email : "nobody";
      const std::string when = email.substr(0, email.find(std::to_string(i)));
      if (i == 1) out = when;
      if (when != out) return "a mixture: " + out + " and " + when;
    }
    const auto whole = room.store->read([](store::Tx& tx) { return check_whole(tx); });
    return whole ? out : whole.error().text();
  }

  chaos::FaultyRun run(const fs::path& directory, const chaos::FaultPlan& plan) const {
    return chaos::run_with_fault({WRIT_RECOVERY_WORKER, directory.string(), backup_.text()},
                                 directory.string(), plan);
  }

  // Goes through every call; how many ended with the state of before, and of after.
  void sweep(const std::string& kind) {
    int before = 0;
    int after = 0;
    std::uint64_t calls = 1;
    for (std::uint64_t at = 0; at <= calls; ++at) {
      SCOPED_TRACE(kind + " at call " + std::to_string(at));
      const store::TemporaryDirectory copy;
      fs::copy(origin_.path(), copy.path(), fs::copy_options::recursive);
      const chaos::FaultyRun ran =
          run(copy.path(), {.under = copy.path().string(), .kind = kind, .at = at});
      if (at == 0) {
        calls = ran.calls;
        ASSERT_EQ(ran.output, "restored\n") << ran.errors;
      }
      const std::string state = state_of(copy.path());
      ASSERT_TRUE(state == kNow || state == kThen) << state;
      (state == kNow ? before : after) += 1;
      ASSERT_TRUE(state == kThen || ran.output != "restored\n");
      if (at % 16 != 0) continue;
      ASSERT_EQ(run(copy.path(), {.under = copy.path().string()}).output, "restored\n");
      EXPECT_EQ(state_of(copy.path()), kThen);
    }
    std::printf("%llu calls: %d left what was there, %d what the backup has\n",
                static_cast<unsigned long long>(calls), before, after);
    EXPECT_GT(before, 50);
    EXPECT_GT(after, 1);
  }

  const store::TemporaryDirectory origin_;
  BackupId backup_;
};

class SharedRecoveryDeaths : public RecoveryDeaths {
 protected:
  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) {
      GTEST_SKIP() << why;
    }
    auto& server = store::PostgresServer::shared();
    url_ = server.url(server.make_database());
    set_up(url_);
  }
  int finish() const {
    const pid_t child = start();
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
  pid_t start() const {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(WRIT_RECOVERY_WORKER, WRIT_RECOVERY_WORKER, origin_.path().c_str(),
              backup_.text().c_str(), url_.c_str(), nullptr);
      ::_exit(127);
    }
    return child;
  }
  // Whether the worker was killed before it was done.
  bool kill_after(std::chrono::microseconds time) const {
    const pid_t child = start();
    std::this_thread::sleep_for(time);
    ::kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
  }

  std::string url_;
};

TEST_F(SharedRecoveryDeaths, LeaveOldOrNewAtAnyTime) {
  constexpr std::uint64_t kSeed = 20'261'122;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  int killed = 0;
  int moved = 0;
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    killed += kill_after(std::chrono::microseconds(random() % 250'000)) ? 1 : 0;
    const std::string state = state_of(origin_.path(), url_);
    ASSERT_TRUE(state == kNow || state == kThen) << state;
    if (state == kNow) continue;
    ++moved;
    RecoveryRoom room(url_);
    room.clock.pass(std::chrono::hours(round + 1));  // ids of events go with time
    move_on(room);
  }
  EXPECT_GT(killed, 0);
  EXPECT_EQ(finish(), 0) << "asked again, it is done";
  EXPECT_EQ(state_of(origin_.path(), url_), kThen);
  std::printf("%d were killed, %d left what the backup has\n", killed, moved);
}

TEST_F(RecoveryDeaths, LeaveOldOrNewAtEveryCall) { sweep("kill"); }
TEST_F(RecoveryDeaths, AFullDiskLeavesOldOrNewAtEveryCall) { sweep("enospc"); }

}  // namespace
}  // namespace writ::identity
