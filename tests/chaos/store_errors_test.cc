// EIO and ENOSPC at every call that changes a file: a clear error, nothing lost that was
// acknowledged, nothing half-written, and a store that opens and checks clean afterwards.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/testing/faulty_vfs.h"
#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

constexpr const char* kVfs = "faulty";

struct Outcome {
  Result<void> opened;
  std::set<int> kept;
  std::vector<Error> errors;
};

Outcome run_workload(const std::string& path) {
  Outcome out;
  auto store = open_workload(path, kVfs);
  if (!store) {
    out.opened = std::unexpected(store.error());
    return out;
  }
  for (int i = 0; i < kWorkloadWrites; ++i) {
    if (auto done = workload_write(**store, i); done) {
      out.kept.insert(i);
    } else {
      out.errors.push_back(std::move(done).error());
    }
  }
  return out;
}

void remove_store(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(path + suffix);
  }
}

// An error that tells the caller what happened and what to do.
void expect_clear(const Error& error, const std::string& path) {
  EXPECT_TRUE(error.code == Code::storage_failed || error.code == Code::unavailable)
      << error.text();
  EXPECT_NE(error.message.find(path), std::string::npos) << error.text();
  EXPECT_FALSE(error.remedy().empty());
}

struct Case {
  const char* name;
  Fault fault;
  Lasting lasting;
};

class StoreErrors : public ::testing::TestWithParam<Case> {
 protected:
  // Calls that the workload makes when nothing fails.
  std::uint64_t count_calls() {
    vfs_.disarm();
    const Outcome clean = run_workload(path_);
    EXPECT_EQ(clean.kept.size(), static_cast<std::size_t>(kWorkloadWrites));
    return vfs_.calls();
  }

  void check_fault_at(std::uint64_t at) {
    remove_store(path_);
    vfs_.arm(GetParam().fault, at, GetParam().lasting);
    const Outcome outcome = run_workload(path_);
    vfs_.disarm();
    if (!outcome.opened) expect_clear(outcome.opened.error(), path_);
    for (const Error& error : outcome.errors) expect_clear(error, path_);
    const auto survivors = surviving_writes(path_);
    ASSERT_TRUE(survivors) << survivors.error().text();
    for (const int i : outcome.kept) EXPECT_TRUE(survivors->contains(i)) << "lost write " << i;
    // A write whose sync failed may have arrived all the same; others were refused for good.
    EXPECT_LE(survivors->size(), outcome.kept.size() + 1);
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
  FaultyVfs vfs_{kVfs};
};

TEST_P(StoreErrors, LoseNothingThatWasAcknowledged) {
  const std::uint64_t calls = count_calls();
  ASSERT_GT(calls, 100u);
  for (std::uint64_t at = 1; at <= calls && !HasFatalFailure(); ++at) {
    SCOPED_TRACE("fault at call " + std::to_string(at) + " of " + std::to_string(calls));
    check_fault_at(at);
  }
}

INSTANTIATE_TEST_SUITE_P(
    AtEveryCall, StoreErrors,
    ::testing::Values(Case{"IoErrorOnce", Fault::io_error, Lasting::once},
                      Case{"IoErrorFromThenOn", Fault::io_error, Lasting::from_then_on},
                      Case{"DiskFullOnce", Fault::disk_full, Lasting::once},
                      Case{"DiskFullFromThenOn", Fault::disk_full, Lasting::from_then_on}),
    [](const auto& test) { return test.param.name; });

class StoreAfterAFault : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
  FaultyVfs vfs_{kVfs};
};

TEST_F(StoreAfterAFault, GoesOnWhenTheDiskHasRoomAgain) {
  const auto store = open_workload(path_, kVfs).value();
  ASSERT_TRUE(workload_write(*store, 0));
  vfs_.arm(Fault::disk_full, 1);
  const auto refused = workload_write(*store, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::storage_failed);
  EXPECT_TRUE(workload_write(*store, 2));
}

TEST_F(StoreAfterAFault, IsPoisonedByAFailedSyncUntilItIsOpenedAgain) {
  auto store = open_workload(path_, kVfs).value();
  ASSERT_TRUE(workload_write(*store, 0));
  // The last call of a commit is its sync.
  vfs_.disarm();
  ASSERT_TRUE(workload_write(*store, 1));
  const std::uint64_t sync = vfs_.calls();
  vfs_.arm(Fault::io_error, sync);
  const auto failed = workload_write(*store, 2);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::storage_failed);
  const auto refused = workload_write(*store, 4);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().remedy().find("opened again"), std::string::npos);
  EXPECT_FALSE(store->read([](Tx& tx) { return tx.now(); }));
  EXPECT_FALSE(store->check());
  store.reset();
  const auto again = open_workload(path_, kVfs).value();
  EXPECT_TRUE(workload_write(*again, 4));
}

TEST_F(StoreAfterAFault, IsReadAndComesBackByItselfWhereItsSyncMetAFullDisk) {
  auto store = open_workload(path_, kVfs).value();
  ASSERT_TRUE(workload_write(*store, 0));
  vfs_.disarm();
  ASSERT_TRUE(workload_write(*store, 1));
  const std::uint64_t sync = vfs_.calls();
  vfs_.arm(Fault::disk_full, sync, Lasting::from_then_on);
  for (const int refused : {2, 3}) {
    const auto done = workload_write(*store, refused);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::storage_failed);
    EXPECT_NE(done.error().remedy().find("Free disk space"), std::string::npos);
  }
  EXPECT_TRUE(store->read([](Tx& tx) { return tx.now(); }));
  vfs_.disarm();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!workload_write(*store, 4)) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_TRUE(store->check());
  store.reset();
  EXPECT_EQ(surviving_writes(path_).value(), (std::set<int>{0, 1, 4}))
      << "what was refused is there";
}

TEST_F(StoreAfterAFault, RunsTheWritesOfALostBatchOneByOne) {
  int runs = 0;
  std::promise<Result<void>> joined;
  const auto store = open_workload(path_, kVfs).value();
  const auto led = store->write([&](Tx& tx) -> Result<void> {
    if (++runs == 1) {
      EXPECT_TRUE(
          store->write_async([](Tx& inner) { return inner.put({"chaos_left"}, "98", "x"); },
                             [&](Result<void> done) { joined.set_value(std::move(done)); }));
      vfs_.arm(Fault::disk_full, 1);  // the commit of both
    }
    return tx.put({"chaos_left"}, "99", "x");
  });
  EXPECT_TRUE(led) << led.error().text();
  const auto other = joined.get_future().get();
  EXPECT_TRUE(other) << other.error().text();
  EXPECT_EQ(runs, 2);
  const auto rows = store->read([](Tx& tx) { return tx.scan({"chaos_left"}, {}, 10); });
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(rows->size(), 2u);
}

}  // namespace
}  // namespace writ::store
