// A change of the store is killed: at calls that change a file of either store, or at any time
// where one of them is PostgreSQL. Whoever comes next brings it to its end, nothing that was
// acknowledged is lost, and nothing is told twice.
#include <gtest/gtest.h>
#include <sqlite3.h>
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
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "project/migrations.h"
#include "project/store_mover.h"
#include "store/open.h"
#include "store/testing/faulty_vfs.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"

namespace writ::project {
namespace {

using store::Fault;
using store::FaultyVfs;
using store::PostgresServer;
using store::TemporaryDirectory;

constexpr store::Table kRows{"driven_run"};  // one of those that a project's store has
constexpr int kRowsBefore = 20;
// Of the calls that change a file every so many-th is gone through.
constexpr std::uint64_t kStride = 11;

// A store, and another one that it is to be changed for.
struct World {
  std::string own_url;
  std::string other_url;
  std::string blobs;
  SystemClock clock = {};
  SystemRandom random = {};

  std::unique_ptr<StoreMover> mover() {
    return std::make_unique<StoreMover>(
        MoverNeeds{.clock = clock,
                   .random = random,
                   .backends = Backends::parse({"other=" + other_url}, own_url).value(),
                   .blobs = blobs,
                   .source = "writ:project/test",
                   // Who was killed is not waited for.
                   .lease = std::chrono::milliseconds(0)});
  }
  Result<std::unique_ptr<ledger::Ledger>> ledger(store::Store& store) {
    ledger::LedgerOptions log;
    log.origin = "writ.local/test";
    return ledger::Ledger::open(store, clock, random, std::move(log));
  }
};

Result<void> put(store::Store& store, int row) {
  return store.write(
      [&](store::Tx& tx) { return tx.put(kRows, "row " + std::to_string(row), "value"); });
}

// From wherever it stands to its end; what is in use then.
Result<OpenedStore> bring_to_its_end(World& world) {
  const auto mover = world.mover();
  WRIT_TRY(OpenedStore at, open_moved(*mover, world.own_url));
  if (at.url == world.other_url) return at;
  WRIT_CHECK(at.store->migrate(project_migrations(), store::DryRun::no));
  WRIT_TRY(const auto blobs,
           store::open_blobs(at.url, *at.store, world.blobs, world.clock, world.random));
  WRIT_TRY(const auto ledger, world.ledger(*at.store));
  identity::Journal journal(*ledger, "writ:project/test", world.clock, world.random);
  const UsedStore used{at.backend, at.url, *at.store, *blobs};
  WRIT_TRY(auto change, last_switch(*at.store));
  if (!change) {
    WRIT_TRY(change, mover->begin(used, "other", {.journal = journal, .actor = "tester"}));
  }
  WRIT_CHECK(mover->copy_over(used, *change, journal, {}));
  return open_moved(*mover, world.own_url);
}

// Writes before and after; each acknowledgement is a byte.
Result<void> work(World& world, int acknowledge) {
  const auto say = [&] { return ::write(acknowledge, "+", 1) == 1; };
  {
    WRIT_TRY(const auto store, store::open(world.own_url));
    WRIT_CHECK(put(*store, kRowsBefore));
    if (!say()) return fail(Code::internal, "nobody listens");
  }
  WRIT_TRY(const OpenedStore at, bring_to_its_end(world));
  WRIT_CHECK(put(*at.store, kRowsBefore + 1));
  if (!say()) return fail(Code::internal, "nobody listens");
  return {};
}

struct Ended {
  int acknowledged = 0;
  bool was_killed = false;
};

// In a process of its own, which `meanwhile` may kill.
Ended work_in_child(World& world, const std::function<void()>& before,
                    const std::function<void(pid_t)>& meanwhile) {
  int ends[2] = {};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    before();
    const auto done = work(world, ends[1]);
    if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
    ::_exit(done ? 0 : 1);
  }
  ::close(ends[1]);
  meanwhile(child);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  Ended out;
  out.was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(out.was_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << status;
  for (char byte = 0; ::read(ends[0], &byte, 1) == 1;) ++out.acknowledged;
  ::close(ends[0]);
  return out;
}

void make_source(World& world) {
  const auto store = store::open(world.own_url).value();
  ASSERT_TRUE(store->migrate(project_migrations(), store::DryRun::no));
  for (int i = 0; i < kRowsBefore; ++i) ASSERT_TRUE(put(*store, i));
  ASSERT_TRUE(world.ledger(*store));
}

void expect_brought_to_its_end(World& world, int acknowledged) {
  const auto at = bring_to_its_end(world);
  ASSERT_TRUE(at) << at.error().text();
  ASSERT_EQ(at->url, world.other_url);
  for (int i = 0; i < kRowsBefore + acknowledged; ++i) {
    const auto row =
        at->store->read([&](store::Tx& tx) { return tx.get(kRows, "row " + std::to_string(i)); });
    ASSERT_TRUE(row && *row) << "row " << i << " is lost";
  }
  EXPECT_TRUE(put(*at->store, 100));
  const auto old = store::open(world.own_url).value();
  const auto late = put(*old, 101);
  ASSERT_FALSE(late) << "the old store takes writes";
  EXPECT_TRUE(store::says_moved(late.error()));
  const auto ledger = world.ledger(*at->store).value();
  ASSERT_TRUE(ledger->sequence());
  std::vector<std::string> told;
  const auto events = ledger->list({}).value();
  for (const ledger::Event& event : events) told.push_back(event.entry.type);
  EXPECT_EQ(told, (std::vector<std::string>{"writ.store_switch.begun", "writ.store_switch.closed",
                                            "writ.store_switch.done"}));
}

TEST(StoreSwitches, AreBroughtToTheirEndAfterADeathAtAnyWrite) {
  int deaths = 0;
  for (std::uint64_t at = 1;; at += kStride) {
    SCOPED_TRACE("death at call " + std::to_string(at));
    const TemporaryDirectory directory;
    World world{"sqlite:" + directory.file("own.db"), "sqlite:" + directory.file("other.db"),
                directory.file("blobs")};
    make_source(world);
    std::unique_ptr<FaultyVfs> vfs;
    const Ended ended = work_in_child(
        world,
        [&] {
          vfs = std::make_unique<FaultyVfs>("faulty");
          // For every store that is opened from here on.
          ::sqlite3_vfs_register(::sqlite3_vfs_find("faulty"), 1);
          vfs->arm(Fault::torn_death, at);
        },
        [](pid_t) {});
    expect_brought_to_its_end(world, ended.acknowledged);
    if (HasFatalFailure()) return;
    if (!ended.was_killed) {
      EXPECT_EQ(ended.acknowledged, 2);
      break;
    }
    ++deaths;
  }
  EXPECT_GT(deaths, 20) << "the calls were gone through";
  std::printf("%d changes were killed\n", deaths);
}

TEST(StoreSwitches, ToPostgresAreBroughtToTheirEndAfterADeathAtAnyTime) {
  if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
  PostgresServer server;
  constexpr std::uint64_t kSeed = 20'261'122;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  int deaths = 0;
  for (int round = 0; round < 6; ++round) {
    const TemporaryDirectory directory;
    World world{"sqlite:" + directory.file("own.db"), server.url(server.make_database()),
                directory.file("blobs")};
    make_source(world);
    const Ended ended = work_in_child(
        world, [] {},
        [&](pid_t child) {
          std::this_thread::sleep_for(std::chrono::milliseconds(random() % 500));
          ::kill(child, SIGKILL);
        });
    expect_brought_to_its_end(world, ended.acknowledged);
    if (HasFatalFailure()) return;
    deaths += ended.was_killed ? 1 : 0;
  }
  EXPECT_GT(deaths, 0);
  std::printf("%d changes were killed\n", deaths);
}

}  // namespace
}  // namespace writ::project
