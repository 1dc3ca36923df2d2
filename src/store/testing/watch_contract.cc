// What every store tells those who watch it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "store/testing/ears.h"
#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

using Wakes = std::vector<Wake>;

std::unique_ptr<Watch> begin(Store& store, const Table& table, Ears& ears, Reach reach) {
  auto watch = store.watch({table}, ears.waker(), reach);
  EXPECT_TRUE(watch) << watch.error().text();
  EXPECT_TRUE(ears.hear(Wake::perhaps)) << "a watch begins with a call";
  return *std::move(watch);
}

}  // namespace

TEST_P(StoreContract, TellsOfEachCommitToATableThatIsWatched) {
  Ears ears;
  // Where other processes are looked for, too, a commit may be told of as `perhaps`.
  const auto watch = begin(*store_, kFruit, ears, Reach::this_process);
  put(kFruit, "apple", "red");
  EXPECT_TRUE(ears.hear_anything());
  ASSERT_TRUE(store_->write([](Tx& tx) { return tx.erase(kFruit, "apple"); }));
  EXPECT_TRUE(ears.hear_anything());
  ASSERT_TRUE(store_->write_async([](Tx& tx) { return tx.put(kFruit, "pear", "green"); },
                                  [](const Result<void>&) {}));
  EXPECT_TRUE(ears.hear_anything());
}

TEST_P(StoreContract, TellsNothingOfReadsFailuresAndOtherTables) {
  Ears fruit;
  Ears tools;
  const auto watch = begin(*store_, kFruit, fruit, Reach::this_process);
  const auto witness = begin(*store_, kTools, tools, Reach::this_process);
  ASSERT_TRUE(store_->read([](Tx& tx) { return tx.get(kFruit, "apple"); }));
  ASSERT_TRUE(store_->write([](Tx& tx) { return tx.erase(kFruit, "apple"); }));
  ASSERT_FALSE(store_->write([](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.put(kFruit, "apple", "red"));
    return fail(Code::conflict, "refused by the closure");
  }));
  ASSERT_TRUE(tools.hear_of(Wake::changed, [&] { put(kTools, "saw", "sharp"); }));
  ASSERT_TRUE(tools.hear_of(Wake::changed, [&] { put(kTools, "saw", "blunt"); }))
      << "by now the other watch had its turn, too";
  // Whoever looks for other processes may say that there was perhaps something.
  const Wakes heard = fruit.heard();
  EXPECT_EQ(std::ranges::count(heard, Wake::changed), 0);
}

// Whoever reads again at each call misses nothing, whenever the commits come.
TEST_P(StoreContract, LosesNoWakeUp) {
  constexpr int kWriters = 3;
  constexpr int kEach = 20;
  Ears ears;
  const auto watch = begin(*store_, kFruit, ears, Reach::this_process);
  std::vector<std::thread> writers;
  std::atomic<int> failures = 0;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; n < kEach; ++n) {
        const std::string key = std::to_string(w) + "." + std::to_string(n);
        failures += store_->write([&](Tx& tx) { return tx.put(kFruit, key, "x"); }) ? 0 : 1;
      }
    });
  }
  std::size_t seen = 0;
  while (seen < kWriters * kEach && ears.hear_anything()) seen = scan(kFruit, {}, 1'000).size();
  EXPECT_EQ(seen, static_cast<std::size_t>(kWriters * kEach));
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
}

TEST_P(StoreContract, HearsOfCommitsThroughAnotherStoreOnTheSamePlace) {
  auto other = fixture_->open_again(clock_);
  if (!other) GTEST_SKIP() << other.error().message;
  Ears ears;
  const auto watch = begin(*store_, kFruit, ears, Reach::all_processes);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    const std::string value = std::to_string(i);
    ASSERT_TRUE((*other)->write([&](Tx& tx) { return tx.put(kFruit, "apple", value); }));
    ASSERT_TRUE(ears.hear_anything());
    EXPECT_EQ(get(kFruit, "apple"), value);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(25))
      << "a call every five seconds would be there without any commit";
}

}  // namespace writ::store
