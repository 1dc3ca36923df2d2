#include "store/rows/row_blob_store.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "store/open.h"
#include "store/rows/blob_rows.h"
#include "store/testing/blob_contract.h"
#include "store/testing/fake_clock.h"
#include "store/testing/postgres_server.h"

namespace writ::store {
namespace {

class RowBlobFixture : public BlobFixture {
 public:
  Result<std::unique_ptr<Store>> open_store(const Clock& clock) override {
    return open("memory:", {.clock = &clock});
  }
  Result<std::unique_ptr<BlobStore>> open_blobs(Store& store, const Clock&) override {
    return open_row_blob_store(store, random_);
  }

 private:
  SystemRandom random_;
};

class PostgresBlobFixture final : public RowBlobFixture {
 public:
  std::string missing() override { return PostgresServer::missing(); }
  Result<std::unique_ptr<Store>> open_store(const Clock& clock) override {
    PostgresServer& server = PostgresServer::shared();
    return open(server.url(server.make_database()), {.clock = &clock});
  }
};

INSTANTIATE_BLOB_CONTRACT(Rows, RowBlobFixture);
INSTANTIATE_BLOB_CONTRACT(Postgres, PostgresBlobFixture);

// The rows that a blob is made of, over the store that is quickest.
class RowBlobs : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store_->migrate(blob_migrations(), DryRun::no)); }

  BlobRef put(const std::string& bytes) { return blobs_->put(bytes).value(); }
  std::size_t rows(const Table& table) {
    return store_->read([&](Tx& tx) { return tx.scan(table, {}, 1000); })->size();
  }

  FakeClock clock_;
  SystemRandom random_;
  std::unique_ptr<Store> store_ = open("memory:", {.clock = &clock_}).value();
  std::unique_ptr<BlobStore> blobs_ = open_row_blob_store(*store_, random_).value();
};

TEST_F(RowBlobs, StoresEqualBytesOnce) {
  const std::string bytes(kPieceBytes + 5, 'x');
  EXPECT_EQ(put(bytes), put(bytes));
  EXPECT_EQ(rows(kBlobPieces), 2u);
  EXPECT_EQ(rows(kBlobIndex), 1u);
  EXPECT_EQ(rows(kBlobUploads), 0u);
}

TEST_F(RowBlobs, LeavesNothingBehindWhenAWriterIsDropped) {
  ASSERT_TRUE(blobs_->create().value()->write(std::string(2 * kPieceBytes, 'x')));
  EXPECT_EQ(rows(kBlobPieces) + rows(kBlobUploads), 0u);
}

TEST_F(RowBlobs, NamesTheBlobThatIsBroken) {
  const BlobRef ref = put("precious");
  ASSERT_TRUE(store_->write([&](Tx& tx) { return blobs_->add_reference(tx, ref); }));
  EXPECT_TRUE(blobs_->check(*store_));
  const auto pieces = store_->read([](Tx& tx) { return tx.scan(kBlobPieces, {}, 2); }).value();
  ASSERT_TRUE(
      store_->write([&](Tx& tx) { return tx.put(kBlobPieces, pieces.front().key, "Precious"); }));
  const auto damaged = blobs_->check(*store_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message,
            "the blob " + ref.digest.hex() + " does not have the bytes of its name");
  ASSERT_TRUE(store_->write([&](Tx& tx) { return tx.erase(kBlobPieces, pieces.front().key); }));
  EXPECT_EQ(blobs_->check(*store_).error().message,
            "the blob " + ref.digest.hex() + " lacks a piece");
  ASSERT_TRUE(store_->write([&](Tx& tx) { return tx.erase(kBlobIndex, ref.digest.view()); }));
  EXPECT_EQ(blobs_->check(*store_).error().message,
            "the blob " + ref.digest.hex() + " is referenced but missing");
}

TEST_F(RowBlobs, CollectsLitterAndTellsItsWriter) {
  const auto slow = blobs_->create().value();
  ASSERT_TRUE(slow->write(std::string(kPieceBytes, 'x')));
  clock_.pass(std::chrono::hours(2));
  const auto quick = blobs_->create().value();
  ASSERT_TRUE(quick->write(std::string(kPieceBytes, 'y')));
  ASSERT_TRUE(blobs_->collect_garbage(*store_));
  EXPECT_EQ(rows(kBlobPieces), 1u);
  EXPECT_EQ(slow->finish().error().message,
            "a blob was not written to for so long that it was removed");
  const auto kept = blobs_->read(quick->finish()->digest, kPieceBytes);
  EXPECT_TRUE(kept && *kept == std::string(kPieceBytes, 'y'));
}

}  // namespace
}  // namespace writ::store
