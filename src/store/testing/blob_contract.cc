#include "store/testing/blob_contract.h"

#include <atomic>
#include <thread>
#include <vector>

namespace writ::store {

constexpr std::uint64_t kMost = 64u << 20;
constexpr std::size_t kMegabyte = 1u << 20;

std::string noise(std::size_t size) {
  std::string out;
  std::uint64_t state = 88172645463325252u;
  while (out.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out += static_cast<char>(state);
  }
  return out;
}

void BlobContract::SetUp() {
  fixture_ = GetParam()();
  if (const std::string why = fixture_->missing(); !why.empty()) GTEST_SKIP() << why;
  auto store = fixture_->open_store(clock_);
  ASSERT_TRUE(store) << store.error().text();
  store_ = std::move(*store);
  ASSERT_TRUE(store_->migrate(blob_migrations(), DryRun::no));
  auto blobs = fixture_->open_blobs(*store_, clock_);
  ASSERT_TRUE(blobs) << blobs.error().text();
  blobs_ = std::move(*blobs);
}

std::string BlobContract::read(const BlobRef& ref) {
  const auto bytes = blobs_->read(ref.digest, kMost);
  return bytes ? *bytes : bytes.error().text();
}

Result<void> BlobContract::refer_to(const BlobRef& ref) {
  return store_->write([&](Tx& tx) { return blobs_->add_reference(tx, ref); });
}

Result<void> BlobContract::let_go(const BlobRef& ref) {
  return store_->write([&](Tx& tx) { return blobs_->drop_reference(tx, ref); });
}

TEST_P(BlobContract, ReadsBackBlobsOfEverySize) {
  const std::string bytes = noise(3 * kMegabyte + 17);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300'000},
                                 kMegabyte - 1, kMegabyte, kMegabyte + 1, bytes.size()}) {
    const std::string some = bytes.substr(0, size);
    const BlobRef ref = put(some);
    EXPECT_EQ(ref, (BlobRef{crypto::sha256(some), size}));
    EXPECT_TRUE(read(ref) == some) << size;
  }
}

TEST_P(BlobContract, PutsPiecesTogether) {
  const auto writer = blobs_->create().value();
  const std::string bytes = noise(2 * kMegabyte);
  for (std::size_t at = 0; at < bytes.size(); at += 7'777) {
    ASSERT_TRUE(writer->write(std::string_view(bytes).substr(at, 7'777)));
  }
  const auto ref = writer->finish();
  ASSERT_TRUE(ref) << ref.error().text();
  std::string streamed;
  ASSERT_TRUE(blobs_->stream(ref->digest, [&](std::string_view piece) -> Result<void> {
    streamed += piece;
    return {};
  }));
  EXPECT_TRUE(streamed == bytes);
}

TEST_P(BlobContract, RefusesWhatIsTooLargeOrNotThere) {
  const BlobRef ref = put("12345");
  EXPECT_EQ(blobs_->read(ref.digest, 4).error().code, Code::invalid_input);
  const BlobRef absent{crypto::sha256("absent"), 6};
  EXPECT_FALSE(holds(absent));
  EXPECT_EQ(read(absent), "not_found: there is no blob " + absent.digest.hex());
  EXPECT_EQ(refer_to(absent).error().message, "there is no blob " + absent.digest.hex());
}

TEST_P(BlobContract, PassesOnTheErrorOfASink) {
  const BlobRef ref = put("bytes");
  const auto done = blobs_->stream(
      ref.digest, [](std::string_view) -> Result<void> { return fail(Code::cancelled, "enough"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
}

TEST_P(BlobContract, CollectsOnlyWhatIsOldAndUnreferenced) {
  const BlobRef used = put("used");
  const BlobRef unused = put("unused");
  ASSERT_TRUE(refer_to(used));
  EXPECT_EQ(collect(), 0u) << "too young";
  clock_.pass(std::chrono::hours(2));
  const BlobRef fresh = put("fresh");
  EXPECT_GT(collect(), 0u);
  EXPECT_EQ(read(used) + read(fresh), "usedfresh");
  EXPECT_FALSE(holds(unused));
}

TEST_P(BlobContract, CountsReferences) {
  const BlobRef ref = put("twice");
  ASSERT_TRUE(refer_to(ref));
  ASSERT_TRUE(refer_to(ref));
  clock_.pass(std::chrono::hours(2));
  ASSERT_TRUE(let_go(ref));
  EXPECT_EQ(collect(), 0u);
  ASSERT_TRUE(let_go(ref));
  EXPECT_GT(collect(), 0u);
  EXPECT_EQ(let_go(ref).error().code, Code::not_found);
}

TEST_P(BlobContract, ForgetsTheReferenceOfATransactionThatFails) {
  const BlobRef ref = put("never");
  ASSERT_FALSE(store_->write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(blobs_->add_reference(tx, ref));
    return fail(Code::conflict, "no");
  }));
  clock_.pass(std::chrono::hours(2));
  EXPECT_GT(collect(), 0u);
  EXPECT_FALSE(holds(ref));
}

TEST_P(BlobContract, SparesWhatIsPutOrReferredToAgain) {
  const BlobRef again = put("again");
  const BlobRef old = put("old");
  clock_.pass(std::chrono::hours(2));
  put("again");
  ASSERT_TRUE(refer_to(old));
  ASSERT_TRUE(let_go(old));
  EXPECT_EQ(collect(), 0u);
  EXPECT_EQ(read(again) + read(old), "againold");
}

TEST_P(BlobContract, LetsManyWritersPutTheSameBytes) {
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
  const auto whole = blobs_->check(*store_);
  EXPECT_TRUE(whole) << whole.error().text();
}

}  // namespace writ::store
