// Moving the log into the database happens after callers were answered, so its failures must not
// get lost: check() reports them, and a failed sync ends the store's use.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "store/testing/faulty_vfs.h"
#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

class StoreCheckpoint : public ::testing::Test {
 protected:
  // Writes 100 KB; about ten of them make the log long enough.
  Result<void> write(int i) {
    return store_->write([i](Tx& tx) {
      return tx.put({"chaos_left"}, std::to_string(i), std::string(100'000, 'x'));
    });
  }

  // Opens a fresh store and writes until the next write will move the log.
  void stop_before_checkpoint() {
    {
      const TemporaryDirectory trial;
      store_ = open_workload(trial.file("store.db"), "faulty").value();
      // A log that restarts after the checkpoint stops growing; the calls of that write stand out.
      const auto size = [&] { return std::filesystem::file_size(trial.file("store.db")); };
      for (const auto before = size(); size() == before; ++trigger_) {
        vfs_.disarm();
        ASSERT_TRUE(write(trigger_));
        ASSERT_LT(trigger_, 100);
      }
      calls_ = vfs_.calls();
      store_.reset();
    }
    store_ = open_workload(directory_.file("store.db"), "faulty").value();
    for (int i = 0; i < trigger_ - 1; ++i) ASSERT_TRUE(write(i));
  }

  TemporaryDirectory directory_;
  FaultyVfs vfs_{"faulty"};
  std::unique_ptr<Store> store_;
  int trigger_ = 0;          // writes until the log is moved, that one included
  std::uint64_t calls_ = 0;  // of that write, the moving included
};

TEST_F(StoreCheckpoint, ReportsThatTheDiskIsFullAndGoesOn) {
  stop_before_checkpoint();
  vfs_.arm(Fault::disk_full, calls_ - 2);  // the last page that goes into the database
  EXPECT_TRUE(write(1'000));
  vfs_.disarm();
  const auto checked = store_->check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::storage_failed);
  for (int i = 0; i < 2 * trigger_; ++i) ASSERT_TRUE(write(i));
  const auto again = store_->check();  // the log has been moved since
  EXPECT_TRUE(again) << again.error().text();
}

TEST_F(StoreCheckpoint, PoisonsTheStoreWhenTheDatabaseCannotBeSynced) {
  stop_before_checkpoint();
  vfs_.arm(Fault::io_error, calls_);  // the last call is the database's sync
  EXPECT_TRUE(write(1'000));          // it was in the log, synced
  vfs_.disarm();
  const auto refused = write(1'001);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::storage_failed);
  store_ = open_workload(directory_.file("store.db"), "faulty").value();
  const auto value =
      store_->read([](Tx& tx) { return tx.get({"chaos_left"}, std::to_string(1'000)); });
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_TRUE(value->has_value());
  EXPECT_TRUE(write(1'001));
}

}  // namespace
}  // namespace writ::store
