#include "store/testing/store_contract.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace writ::store {
namespace {

std::string text_of(const Result<void>& result) { return result ? "ok" : result.error().text(); }

Result<void> refuse() { return fail(Code::conflict, "refused by the closure"); }

}  // namespace

std::vector<Migration> contract_migrations() {
  Migration first;
  first.module = "contract";
  first.version = 1;
  first.summary = "fruit and tools";
  first.creates = {kFruit, kTools};
  return {first};
}

void StoreContract::SetUp() {
  fixture_ = GetParam()();
  if (const std::string why = fixture_->missing(); !why.empty()) GTEST_SKIP() << why;
  auto store = fixture_->open(clock_);
  ASSERT_TRUE(store) << store.error().text();
  store_ = std::move(*store);
  const auto steps = store_->migrate(contract_migrations(), DryRun::no);
  ASSERT_TRUE(steps) << steps.error().text();
}

void StoreContract::put(const Table& table, const std::string& key, const std::string& value) {
  const auto done = store_->write([&](Tx& tx) { return tx.put(table, key, value); });
  ASSERT_TRUE(done) << text_of(done);
}

std::string StoreContract::get(const Table& table, const std::string& key) {
  const auto value = store_->read([&](Tx& tx) { return tx.get(table, key); });
  if (!value) return value.error().text();
  return value->value_or("(none)");
}

std::vector<std::string> StoreContract::scan(const Table& table, const KeyRange& range,
                                             std::size_t limit, Order order) {
  const auto rows = store_->read([&](Tx& tx) { return tx.scan(table, range, limit, order); });
  if (!rows) return {rows.error().text()};
  std::vector<std::string> out;
  for (const Row& row : *rows) out.push_back(row.key + "=" + row.value);
  return out;
}

using Strings = std::vector<std::string>;

TEST_P(StoreContract, ReadsBackWhatWasPut) {
  put(kFruit, "apple", "red");
  put(kFruit, "apple", "green");
  EXPECT_EQ(get(kFruit, "apple"), "green");
  EXPECT_EQ(get(kFruit, "pear"), "(none)");
  EXPECT_EQ(get(kTools, "apple"), "(none)");
}

TEST_P(StoreContract, KeepsAnyBytesAndEmptyOnes) {
  const std::string bytes("\x00\xff\x00'\";--\x80", 9);
  put(kFruit, bytes, bytes);
  put(kFruit, "", "empty key");
  put(kFruit, "empty value", "");
  EXPECT_EQ(get(kFruit, bytes), bytes);
  EXPECT_EQ(get(kFruit, ""), "empty key");
  EXPECT_EQ(get(kFruit, "empty value"), "");
}

TEST_P(StoreContract, InsertsOnlyNewKeys) {
  const auto first = store_->write([](Tx& tx) { return tx.insert(kFruit, "apple", "red"); });
  const auto second = store_->write([](Tx& tx) { return tx.insert(kFruit, "apple", "green"); });
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*first);
  EXPECT_FALSE(*second);
  EXPECT_EQ(get(kFruit, "apple"), "red");
}

TEST_P(StoreContract, SaysWhetherThereWasSomethingToErase) {
  put(kFruit, "apple", "red");
  const auto first = store_->write([](Tx& tx) { return tx.erase(kFruit, "apple"); });
  const auto second = store_->write([](Tx& tx) { return tx.erase(kFruit, "apple"); });
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*first);
  EXPECT_FALSE(*second);
  EXPECT_EQ(get(kFruit, "apple"), "(none)");
}

TEST_P(StoreContract, ScansRangesInTheOrderOfBytes) {
  for (const char* key : {"b", "a", "c", "\xff", "aa"}) put(kFruit, key, "1");
  EXPECT_EQ(scan(kFruit, {}, 9), (Strings{"a=1", "aa=1", "b=1", "c=1", "\xff=1"}));
  EXPECT_EQ(scan(kFruit, {"aa", "c"}, 9), (Strings{"aa=1", "b=1"}));
  EXPECT_EQ(scan(kFruit, {"b", ""}, 9), (Strings{"b=1", "c=1", "\xff=1"}));
  EXPECT_EQ(scan(kFruit, {"", "b"}, 1), (Strings{"a=1"}));
  EXPECT_EQ(scan(kFruit, {"a", "c"}, 2, Order::descending), (Strings{"b=1", "aa=1"}));
  EXPECT_EQ(scan(kFruit, {"b", ""}, 9, Order::descending), (Strings{"\xff=1", "c=1", "b=1"}));
  EXPECT_EQ(scan(kFruit, {"c", "a"}, 9), Strings{});
  EXPECT_EQ(scan(kFruit, {"a", "a"}, 9, Order::descending), Strings{});
  EXPECT_EQ(scan(kFruit, {}, 0), Strings{});
}

TEST_P(StoreContract, SeesItsOwnWritesInsideAClosure) {
  const auto seen = store_->write([](Tx& tx) -> Result<Strings> {
    WRIT_CHECK(tx.put(kFruit, "apple", "red"));
    WRIT_CHECK(tx.put(kFruit, "pear", "green"));
    WRIT_CHECK(tx.erase(kFruit, "apple"));
    WRIT_TRY(const auto rows, tx.scan(kFruit, {}, 9));
    Strings keys;
    for (const Row& row : rows) keys.push_back(row.key);
    return keys;
  });
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(*seen, Strings{"pear"});
}

TEST_P(StoreContract, UndoesEverythingOfAClosureThatFails) {
  put(kFruit, "apple", "red");
  const auto done = store_->write([](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.put(kFruit, "apple", "green"));
    WRIT_CHECK(tx.put(kTools, "saw", "sharp"));
    WRIT_CHECK(tx.erase(kFruit, "apple"));
    return refuse();
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::conflict);
  EXPECT_EQ(get(kFruit, "apple"), "red");
  EXPECT_EQ(get(kTools, "saw"), "(none)");
}

TEST_P(StoreContract, RefusesWritesInsideARead) {
  put(kFruit, "apple", "red");
  const auto put_done = store_->read([](Tx& tx) { return tx.put(kFruit, "pear", "1"); });
  const auto insert_done = store_->read([](Tx& tx) { return tx.insert(kFruit, "pear", "1"); });
  const auto erase_done = store_->read([](Tx& tx) { return tx.erase(kFruit, "apple"); });
  ASSERT_FALSE(put_done || insert_done || erase_done);
  EXPECT_EQ(put_done.error().code, Code::usage);
  EXPECT_EQ(insert_done.error().code, Code::usage);
  EXPECT_EQ(erase_done.error().code, Code::usage);
  EXPECT_EQ(scan(kFruit, {}, 9), Strings{"apple=red"});
}

TEST_P(StoreContract, RefusesRowsAboveTheirBounds) {
  const std::string long_key(kMaxKeyBytes + 1, 'k');
  const auto refused = store_->write([&](Tx& tx) { return tx.put(kFruit, long_key, "v"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_input);
  put(kFruit, std::string(kMaxKeyBytes, 'k'), std::string(1u << 20, 'v'));
  EXPECT_EQ(get(kFruit, std::string(kMaxKeyBytes, 'k')).size(), 1u << 20);
}

TEST_P(StoreContract, RefusesTablesThatNoMigrationMade) {
  constexpr Table kUnknown{"contract_unknown"};
  const auto read = store_->read([&](Tx& tx) { return tx.get(kUnknown, "a"); });
  const auto written = store_->write([&](Tx& tx) { return tx.put(kUnknown, "a", "b"); });
  ASSERT_FALSE(read || written);
  EXPECT_EQ(read.error().code, Code::internal);
  EXPECT_NE(written.error().message.find("contract_unknown"), std::string::npos);
}

TEST_P(StoreContract, KeepsOneSnapshotThroughoutARead) {
  put(kFruit, "apple", "red");
  const auto seen = store_->read([&](Tx& tx) -> Result<Strings> {
    WRIT_TRY(const auto before, tx.get(kFruit, "apple"));
    std::thread([&] { put(kFruit, "apple", "green"); }).join();
    WRIT_TRY(const auto after, tx.get(kFruit, "apple"));
    return Strings{before.value_or("(none)"), after.value_or("(none)")};
  });
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(*seen, (Strings{"red", "red"}));
  EXPECT_EQ(get(kFruit, "apple"), "green");
}

TEST_P(StoreContract, LosesNoUpdateOfConcurrentWriters) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  const auto count_up = [](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto old, tx.get(kFruit, "count"));
    return tx.put(kFruit, "count", std::to_string(std::stoi(old.value_or("0")) + 1));
  };
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) failures += store_->write(count_up) ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(get(kFruit, "count"), std::to_string(kThreads * kEach));
  EXPECT_EQ(store_->stats().writes, kThreads * kEach + 1u);  // and the migration
  EXPECT_LE(store_->stats().commits, store_->stats().writes);
}

TEST_P(StoreContract, RollsBackOnlyTheClosuresThatFailAmongConcurrentOnes) {
  constexpr int kThreads = 8;
  constexpr int kEach = 20;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string key = std::to_string(t) + "." + std::to_string(i);
        const bool must_fail = (t + i) % 3 == 0;
        const auto done = store_->write([&](Tx& tx) -> Result<void> {
          WRIT_CHECK(tx.put(kFruit, key, "x"));
          if (must_fail) return refuse();
          return {};
        });
        const bool kept = get(kFruit, key) == "x";
        if (done.has_value() == must_fail || kept == must_fail) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(StoreContract, CallsBackAsynchronousWritesAfterTheyAreCommitted) {
  std::promise<std::string> kept;
  std::promise<Result<void>> failed;
  ASSERT_TRUE(store_->write_async([](Tx& tx) { return tx.put(kFruit, "apple", "red"); },
                                  [&](Result<void> done) {
                                    kept.set_value(done ? get(kFruit, "apple")
                                                        : done.error().text());
                                  }));
  ASSERT_TRUE(store_->write_async(
      [](Tx& tx) -> Result<void> {
        WRIT_CHECK(tx.put(kFruit, "pear", "green"));
        return refuse();
      },
      [&](Result<void> done) { failed.set_value(std::move(done)); }));
  EXPECT_EQ(kept.get_future().get(), "red");
  const auto refused = failed.get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(get(kFruit, "pear"), "(none)");
}

TEST_P(StoreContract, FinishesAsynchronousWritesBeforeItGoes) {
  std::atomic<int> called = 0;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(store_->write_async([i](Tx& tx) { return tx.put(kFruit, std::to_string(i), "x"); },
                                    [&](const Result<void>& done) { called += done ? 1 : 0; }));
  }
  store_.reset();
  EXPECT_EQ(called, 50);
}

TEST_P(StoreContract, CountsCommitsThatChangedSomething) {
  const auto before = store_->stats();
  put(kFruit, "apple", "red");
  ASSERT_TRUE(store_->write([](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.get(kFruit, "apple"));
    return {};
  }));
  const auto after = store_->stats();
  EXPECT_EQ(after.commits - before.commits, 1u);
  EXPECT_EQ(after.writes - before.writes, 2u);
}

TEST_P(StoreContract, TellsTheTimeOfItsClock) {
  const auto now = [](Tx& tx) { return tx.now(); };
  EXPECT_EQ(store_->write(now)->micros, clock_.wall().micros);
  clock_.pass(std::chrono::seconds(5));
  EXPECT_EQ(store_->write(now)->micros, clock_.wall().micros);
  EXPECT_EQ(store_->read(now)->micros, clock_.wall().micros);
}

TEST_P(StoreContract, GoesOnInTimeWhenTheClockIsSetBack) {
  const auto now = [](Tx& tx) { return tx.now(); };
  const auto before = store_->write(now);
  clock_.set_back(std::chrono::hours(1));
  EXPECT_EQ(store_->write(now)->micros, before->micros);
  clock_.pass(std::chrono::seconds(5));
  EXPECT_EQ(store_->read(now)->micros, before->micros + 5'000'000);
}

TEST_P(StoreContract, ChecksClean) {
  put(kFruit, "apple", "red");
  const auto clean = store_->check();
  EXPECT_TRUE(clean) << text_of(clean);
  EXPECT_EQ(get(kFruit, "apple"), "red");
}

}  // namespace writ::store
