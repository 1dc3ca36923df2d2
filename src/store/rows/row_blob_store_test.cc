#include "store/rows/row_blob_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "store/open.h"
#include "store/rows/blob_rows.h"
#include "store/testing/fake_clock.h"
#include "store/testing/postgres_server.h"

namespace writ::store {
namespace {

struct Backend {
  const char* name;
  std::string (*missing)();
  std::string (*url)();
};

// Named in messages of GoogleTest.
void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

class RowBlobs : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
    auto store = open(GetParam().url(), {.clock = &clock_});
    ASSERT_TRUE(store) << store.error().text();
    store_ = std::move(*store);
    ASSERT_TRUE(store_->migrate(blob_migrations(), DryRun::no));
    blobs_ = open_row_blob_store(*store_, random_).value();
  }

  BlobRef put(const std::string& bytes) { return blobs_->put(bytes).value(); }
  Result<void> refer_to(const BlobRef& ref) {
    return store_->write([&](Tx& tx) { return blobs_->add_reference(tx, ref); });
  }
  Result<void> let_go(const BlobRef& ref) {
    return store_->write([&](Tx& tx) { return blobs_->drop_reference(tx, ref); });
  }
  bool holds(const BlobRef& ref) { return blobs_->contains(ref.digest).value(); }
  std::size_t rows(const Table& table) {
    return store_->read([&](Tx& tx) { return tx.scan(table, {}, 1000); })->size();
  }
  std::string read(const BlobRef& ref) {
    const auto bytes = blobs_->read(ref.digest, 64u << 20);
    return bytes ? *bytes : bytes.error().text();
  }

  FakeClock clock_;
  SystemRandom random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<BlobStore> blobs_;
};

INSTANTIATE_TEST_SUITE_P(Stores, RowBlobs,
                         ::testing::Values(Backend{"memory", [] { return std::string(); },
                                                   [] { return std::string("memory:"); }},
                                           Backend{"postgresql", &PostgresServer::missing,
                                                   [] {
                                                     PostgresServer& server =
                                                         PostgresServer::shared();
                                                     return server.url(server.make_database());
                                                   }}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(RowBlobs, ReadsBackBlobsOfEverySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kPieceBytes - 1, kPieceBytes,
                                 kPieceBytes + 1, 3 * kPieceBytes + 17}) {
    std::string bytes(size, 'x');
    for (std::size_t i = 0; i < size; i += 1001) bytes[i] = static_cast<char>(i / 1001);
    const BlobRef ref = put(bytes);
    EXPECT_EQ(ref, (BlobRef{crypto::sha256(bytes), size}));
    EXPECT_TRUE(read(ref) == bytes) << size;
  }
  EXPECT_EQ(rows(kBlobUploads), 0u);
}

TEST_P(RowBlobs, PutsPiecesTogether) {
  const auto writer = blobs_->create().value();
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i) * 37, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(writer->write(piece));
    all += piece;
  }
  EXPECT_TRUE(read(writer->finish().value()) == all);
}

TEST_P(RowBlobs, StoresEqualBytesOnce) {
  const std::string bytes(kPieceBytes + 5, 'x');
  EXPECT_EQ(put(bytes), put(bytes));
  EXPECT_EQ(rows(kBlobPieces), 2u);
  EXPECT_EQ(rows(kBlobIndex), 1u);
  EXPECT_EQ(rows(kBlobUploads), 0u);
}

TEST_P(RowBlobs, LeavesNothingBehindWhenAWriterIsDropped) {
  ASSERT_TRUE(blobs_->create().value()->write(std::string(2 * kPieceBytes, 'x')));
  EXPECT_EQ(rows(kBlobPieces) + rows(kBlobUploads), 0u);
}

TEST_P(RowBlobs, RefusesWhatIsTooLargeOrNotThere) {
  const BlobRef ref = put("12345");
  EXPECT_EQ(blobs_->read(ref.digest, 4).error().code, Code::invalid_input);
  const auto missing = blobs_->read(crypto::sha256("no"), 4);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "there is no blob " + crypto::sha256("no").hex());
}

TEST_P(RowBlobs, PassesOnTheErrorOfASink) {
  const BlobRef ref = put("bytes");
  const auto done = blobs_->stream(
      ref.digest, [](std::string_view) -> Result<void> { return fail(Code::cancelled, "enough"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
}

TEST_P(RowBlobs, NamesTheBlobThatIsBroken) {
  const BlobRef ref = put("precious");
  ASSERT_TRUE(refer_to(ref));
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

TEST_P(RowBlobs, CollectsOnlyWhatIsOldAndUnreferenced) {
  const BlobRef used = put("used");
  const BlobRef unused = put("unused");
  ASSERT_TRUE(refer_to(used));
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 0u) << "too young";
  clock_.pass(std::chrono::hours(2));
  const BlobRef fresh = put("fresh");
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 6u);
  EXPECT_TRUE(holds(used));
  EXPECT_TRUE(holds(fresh));
  EXPECT_FALSE(holds(unused));
  EXPECT_EQ(rows(kBlobPieces), 2u);
}

TEST_P(RowBlobs, CountsReferences) {
  const BlobRef ref = put("twice");
  ASSERT_TRUE(refer_to(ref));
  ASSERT_TRUE(refer_to(ref));
  clock_.pass(std::chrono::hours(2));
  ASSERT_TRUE(let_go(ref));
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 0u);
  ASSERT_TRUE(let_go(ref));
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 5u);
  EXPECT_EQ(let_go(ref).error().code, Code::not_found);
  EXPECT_EQ(refer_to(ref).error().message, "there is no blob " + ref.digest.hex());
}

TEST_P(RowBlobs, SparesWhatIsPutOrReferredToAgain) {
  const BlobRef again = put("again");
  const BlobRef old = put("old");
  clock_.pass(std::chrono::hours(2));
  put("again");
  ASSERT_TRUE(refer_to(old));
  ASSERT_TRUE(let_go(old));
  EXPECT_EQ(blobs_->collect_garbage(*store_).value(), 0u);
  EXPECT_EQ(read(again) + read(old), "againold");
}

TEST_P(RowBlobs, CollectsLitterAndTellsItsWriter) {
  const auto slow = blobs_->create().value();
  ASSERT_TRUE(slow->write(std::string(kPieceBytes, 'x')));
  clock_.pass(std::chrono::hours(2));
  const auto quick = blobs_->create().value();
  ASSERT_TRUE(quick->write(std::string(kPieceBytes, 'y')));
  ASSERT_TRUE(blobs_->collect_garbage(*store_));
  EXPECT_EQ(rows(kBlobPieces), 1u);
  EXPECT_EQ(slow->finish().error().message,
            "a blob was not written to for so long that it was removed");
  EXPECT_TRUE(read(quick->finish().value()) == std::string(kPieceBytes, 'y'));
}

TEST_P(RowBlobs, LetsManyWritersPutTheSameBytes) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 8; ++i) {
        const std::string bytes = "blob " + std::to_string(i);
        const auto ref = blobs_->put(bytes);
        if (!ref || read(*ref) != bytes || !refer_to(*ref)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(rows(kBlobIndex), 8u);
  EXPECT_EQ(rows(kBlobPieces), 8u);
  EXPECT_TRUE(blobs_->check(*store_));
}

}  // namespace
}  // namespace writ::store
