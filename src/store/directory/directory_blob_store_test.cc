#include "store/directory/directory_blob_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "store/open.h"
#include "store/testing/blob_contract.h"
#include "store/testing/fake_clock.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

namespace fs = std::filesystem;

class DirectoryBlobFixture final : public BlobFixture {
 public:
  Result<std::unique_ptr<Store>> open_store(const Clock& clock) override {
    return open("memory:", {.clock = &clock});
  }
  Result<std::unique_ptr<BlobStore>> open_blobs(Store&, const Clock& clock) override {
    return open_directory_blob_store(directory_.path() / "blobs", clock);
  }

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_BLOB_CONTRACT(Directory, DirectoryBlobFixture);

class DirectoryBlobs : public ::testing::Test {
 protected:
  void SetUp() override {
    blobs_ = open_blobs();
    auto store = open("memory:", {.clock = &clock_});
    ASSERT_TRUE(store) << store.error().text();
    store_ = std::move(*store);
    ASSERT_TRUE(store_->migrate(blob_migrations(), DryRun::no));
  }

  std::unique_ptr<BlobStore> open_blobs() {
    return open_directory_blob_store(root(), clock_).value();
  }
  fs::path root() const { return directory_.path() / "blobs"; }
  fs::path path_of(const BlobRef& ref) const {
    const std::string hex = ref.digest.hex();
    return root() / hex.substr(0, 2) / (hex + ".zst");
  }

  BlobRef put(const std::string& bytes) { return blobs_->put(bytes).value(); }
  Result<void> refer_to(const BlobRef& ref) {
    return store_->write([&](Tx& tx) { return blobs_->add_reference(tx, ref); });
  }
  Result<void> let_go(const BlobRef& ref) {
    return store_->write([&](Tx& tx) { return blobs_->drop_reference(tx, ref); });
  }
  bool holds(const BlobRef& ref) { return blobs_->contains(ref.digest).value(); }
  std::size_t temporary_files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root() / "tmp"), {}));
  }

  TemporaryDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Store> store_;
};

TEST_F(DirectoryBlobs, StoresEqualBytesOnce) {
  EXPECT_EQ(put("same"), put("same"));
  EXPECT_EQ(std::distance(fs::directory_iterator(path_of(put("same")).parent_path()), {}), 1);
  EXPECT_EQ(temporary_files(), 0u);
}

TEST_F(DirectoryBlobs, KeepsTheFileOfBytesThatComeAgainAndMakesItYoung) {
  const BlobRef ref = put("same");
  struct stat before{};
  ASSERT_EQ(::stat(path_of(ref).c_str(), &before), 0);
  clock_.pass(std::chrono::hours(2));
  EXPECT_EQ(put("same"), ref);
  struct stat after{};
  ASSERT_EQ(::stat(path_of(ref).c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mtim.tv_sec - before.st_mtim.tv_sec, 7'200);
  EXPECT_EQ(temporary_files(), 0u);
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 0u) << "somebody is about to refer to it";
}

TEST_F(DirectoryBlobs, ReplacesABrokenBlobWhenItsBytesComeAgain) {
  const BlobRef ref = put("good");
  std::ofstream(path_of(ref), std::ios::binary | std::ios::trunc) << "bad";
  ASSERT_FALSE(blobs_->read(ref.digest, 100));
  EXPECT_EQ(put("good"), ref);
  EXPECT_EQ(blobs_->read(ref.digest, 100).value(), "good");
}

TEST_F(DirectoryBlobs, LeavesNothingBehindWhenAWriterIsDropped) {
  {
    const auto writer = blobs_->create().value();
    ASSERT_TRUE(writer->write(std::string(100'000, 'x')));
    EXPECT_EQ(temporary_files(), 1u);
  }
  EXPECT_EQ(temporary_files(), 0u);
}

TEST_F(DirectoryBlobs, KeepsFilesPrivate) {
  struct stat status{};
  ASSERT_EQ(::stat(path_of(put("secret")).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(root().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(DirectoryBlobs, NoticesEveryChangedByteAndEveryCut) {
  const BlobRef ref = put("the quick brown fox jumps over the lazy dog, the lazy dog");
  std::ifstream in(path_of(ref), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const auto read_with = [&](const std::string& bytes) {
    std::ofstream(path_of(ref), std::ios::binary | std::ios::trunc) << bytes;
    return blobs_->read(ref.digest, 1'000);
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      const auto read = read_with(bad);
      ASSERT_FALSE(read) << "byte " << at << " bit " << bit;
      EXPECT_EQ(read.error().code, Code::tampered);
    }
    EXPECT_EQ(read_with(good.substr(0, at)).error().code, Code::tampered) << "cut at " << at;
  }
  EXPECT_EQ(read_with(good + "x").error().code, Code::tampered);
  EXPECT_EQ(read_with(good + good).error().code, Code::tampered);
  EXPECT_TRUE(read_with(good));
}

TEST_F(DirectoryBlobs, SparesAnOldBlobThatATransactionIsAboutToReferTo) {
  const BlobRef ref = put("old");
  clock_.pass(std::chrono::hours(2));
  const auto done = store_->write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(blobs_->add_reference(tx, ref));
    std::uint64_t freed = 1;
    // Another process sees nothing of this transaction yet.
    std::thread([&] {
      auto elsewhere = open("memory:", {.clock = &clock_}).value();
      EXPECT_TRUE(elsewhere->migrate(blob_migrations(), DryRun::no));
      freed = open_blobs()->collect_garbage(*elsewhere).value();
    }).join();
    EXPECT_EQ(freed, 0u);
    return {};
  });
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_TRUE(blobs_->check(*store_));
}

TEST_F(DirectoryBlobs, CollectsLitterButNoFileThatIsBeingWritten) {
  const auto writer = blobs_->create().value();
  const std::string slow(100'000, 's');
  ASSERT_TRUE(writer->write(slow));
  std::ofstream(root() / "tmp" / "blob-litter") << "left by a process that died";
  for (const auto& entry : fs::directory_iterator(root() / "tmp")) {
    fs::last_write_time(entry,
                        fs::file_time_type::clock::now() - std::chrono::hours(24 * 365 * 50));
  }
  EXPECT_GT(blobs_->collect_garbage(*store_).value(), 0u);
  EXPECT_EQ(temporary_files(), 1u);
  const auto ref = writer->finish();
  ASSERT_TRUE(ref) << ref.error().text();
  EXPECT_EQ(blobs_->read(ref->digest, slow.size()).value(), slow);
}

TEST_F(DirectoryBlobs, LeavesFilesAloneThatAreNotItsOwn) {
  const BlobRef ref = put("mine");
  const fs::path foreign = path_of(ref).parent_path() / "README";
  std::ofstream(foreign) << "not a blob";
  fs::last_write_time(foreign,
                      fs::file_time_type::clock::now() - std::chrono::hours(24 * 365 * 50));
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 0u);
  EXPECT_TRUE(fs::exists(foreign));
}

TEST_F(DirectoryBlobs, NamesTheFirstReferencedBlobThatIsBroken) {
  const BlobRef ref = put("precious");
  ASSERT_TRUE(refer_to(ref));
  EXPECT_TRUE(blobs_->check(*store_));
  fs::resize_file(path_of(ref), 20);
  const auto damaged = blobs_->check(*store_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::tampered);
  EXPECT_NE(damaged.error().message.find(ref.digest.hex()), std::string::npos);
  fs::remove(path_of(ref));
  const auto missing = blobs_->check(*store_);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);
}

TEST_F(DirectoryBlobs, LetsManyWritersPutTheSameBytes) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const auto mine = open_blobs();
      for (int i = 0; i < 10; ++i) {
        const std::string bytes = "blob " + std::to_string(i);
        const auto ref = mine->put(bytes);
        if (!ref || mine->read(ref->digest, 100).value() != bytes) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(temporary_files(), 0u);
}

}  // namespace
}  // namespace writ::store
