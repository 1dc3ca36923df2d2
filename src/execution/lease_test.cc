#include "execution/lease.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

const RunId kRun{Uuid::v5(kWritNamespace, "run")};

Owner elsewhere(int pid) { return {"another host", pid, 1}; }

// A process that has ended and was waited for.
Owner dead_process() {
  Owner owner = this_process();
  owner.pid = ::fork();
  if (owner.pid == 0) ::_exit(0);
  ::waitpid(owner.pid, nullptr, 0);
  return owner;
}

Result<void> hold(EngineRoom& room, Lease& lease) {
  return room.store->write([&](store::Tx& tx) { return hold_lease(tx, lease); });
}

TEST(Lease, IsOneDriversUntilItRunsOut) {
  EngineRoom room;
  const auto first = acquire_lease(*room.store, kRun, elsewhere(1));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->fence, 1u);
  const auto refused = acquire_lease(*room.store, kRun, elsewhere(2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_NE(refused.error().message.find("process 1"), std::string::npos);
  room.clock.advance(kLeaseTime);
  EXPECT_FALSE(acquire_lease(*room.store, kRun, elsewhere(2)).has_value()) << "its last moment";
  room.clock.advance(std::chrono::milliseconds(1));
  const auto second = acquire_lease(*room.store, kRun, elsewhere(2));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->fence, 2u);
}

TEST(Lease, GrowsItsFenceAtEveryTakeOverAndNeverForgetsIt) {
  EngineRoom room;
  for (std::uint64_t fence = 1; fence <= 3; ++fence) {
    const auto lease = acquire_lease(*room.store, kRun, elsewhere(1));
    ASSERT_TRUE(lease.has_value());
    EXPECT_EQ(lease->fence, fence);
    ASSERT_TRUE(release_lease(*room.store, *lease).has_value());
  }
}

TEST(Lease, OfAProcessThatIsGoneIsTakenAtOnce) {
  EngineRoom room;
  const Owner dead = dead_process();
  EXPECT_TRUE(is_gone(dead));
  ASSERT_TRUE(acquire_lease(*room.store, kRun, dead).has_value());
  EXPECT_TRUE(acquire_lease(*room.store, kRun, elsewhere(2)).has_value());
}

TEST(Lease, IsNotTakenFromSomebodyWhoMayBeThere) {
  EXPECT_FALSE(is_gone(this_process()));
  EXPECT_FALSE(is_gone(elsewhere(1))) << "nobody knows the processes of another host";
  Owner reused = this_process();
  ++reused.start_ticks;
  EXPECT_TRUE(is_gone(reused)) << "the number is another process's now";
}

TEST(Lease, IsLostToWhoeverTookItOver) {
  EngineRoom room;
  auto first = acquire_lease(*room.store, kRun, elsewhere(1));
  room.clock.advance(kLeaseTime + std::chrono::milliseconds(1));
  ASSERT_TRUE(acquire_lease(*room.store, kRun, elsewhere(2)).has_value());
  const auto lost = hold(room, *first);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, Code::lease_lost);
  // A release by who has lost it takes nothing from who has it.
  ASSERT_TRUE(release_lease(*room.store, *first).has_value());
  EXPECT_EQ(acquire_lease(*room.store, kRun, elsewhere(3)).error().code, Code::unavailable);
}

TEST(Lease, IsRenewedWhenAThirdOfItsTimeHasPassed) {
  EngineRoom room;
  auto lease = acquire_lease(*room.store, kRun, elsewhere(1));
  const std::int64_t granted = lease->expires.micros;
  room.clock.advance(kLeaseTime / 3 - std::chrono::milliseconds(1));
  ASSERT_TRUE(hold(room, *lease).has_value());
  EXPECT_EQ(lease->expires.micros, granted) << "a commit now and then writes no lease";
  room.clock.advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(hold(room, *lease).has_value());
  EXPECT_EQ(lease->expires.micros, granted + kLeaseTime.count() * 1000 / 3);
}

TEST(Lease, IsLostWhereThereIsNone) {
  EngineRoom room;
  Lease lease{kRun, this_process(), 1, {}};
  EXPECT_EQ(hold(room, lease).error().code, Code::lease_lost);
  EXPECT_TRUE(release_lease(*room.store, lease).has_value());
}

}  // namespace
}  // namespace writ::execution
