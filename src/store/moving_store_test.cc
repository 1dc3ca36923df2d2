#include "store/moving_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "store/blob_references.h"
#include "store/copy.h"
#include "store/directory/directory_blob_store.h"
#include "store/request_scope.h"
#include "store/rows/row_blob_store.h"
#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

using namespace std::chrono_literals;

Result<std::optional<Home>> nowhere(const Home&, const Moved&, const std::stop_token&) {
  return std::optional<Home>();
}

// It does all that the store in it does.
class MovingFixture final : public StoreFixture {
 public:
  Result<std::unique_ptr<Store>> open(const Clock& clock) override { return open_again(clock); }
  Result<std::unique_ptr<Store>> open_again(const Clock& clock) override {
    WRIT_TRY(auto store, store::open(url_, {.clock = &clock}));
    return std::make_unique<MovingStore>(Home{"sqlite", url_, std::move(store), nullptr}, nowhere);
  }

 private:
  TemporaryDirectory directory_;
  const std::string url_ = "sqlite:" + directory_.file("store.db");
};
INSTANTIATE_STORE_CONTRACT(Moving, MovingFixture);

const MovingOptions kPatient{.patience = 60s, .first_pause = 1ms, .longest_pause = 1ms};

// From one file to another: whoever finds the store marked copies it, if it has to be told so.
class MovingStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    migrations_ = contract_migrations();
    for (const Migration& one : blob_migrations()) migrations_.push_back(one);
    old_ = home("old");
    ASSERT_TRUE(old_.store->migrate(migrations_, DryRun::no));
    moving_ = std::make_unique<MovingStore>(
        old_,
        [this](const Home& from, const Moved& moved, const std::stop_token&) {
          return find(from, moved);
        },
        kPatient);
  }
  Home home(const std::string& name) {
    const std::string url = "sqlite:" + directory_.file(name + ".db");
    Home out{name, url, open(url, {.unfinished_copy = UnfinishedCopy::open}).value(), nullptr};
    if (has_blobs_in_rows_) {
      out.blobs = open_row_blob_store(*out.store, random_).value();
    } else {
      out.blobs = open_directory_blob_store(directory_.file(name), clock_).value();
    }
    return out;
  }
  Result<std::optional<Home>> find(const Home& from, const Moved& moved) {
    if (!may_arrive_) return std::optional<Home>();
    if (there_.store) return std::optional(there_);
    Home next = home(moved.backend);
    WRIT_CHECK(copy(*from.store, *next.store, migrations_));
    WRIT_CHECK(finish_copy(*next.store));
    return std::optional(std::move(next));
  }
  void mark() {
    const Moved away{"new", "move", MoveStage::closing};
    ASSERT_TRUE(old_.store->write([&](Tx& tx) { return mark_moved(tx, away); }));
  }
  static Result<void> put(Tx& tx, const std::string& key) { return tx.put(kFruit, key, "ripe"); }
  static std::size_t rows(Store& store) {
    return store.read([](Tx& tx) { return tx.scan(kFruit, {}, 100'000); }).value().size();
  }

  const SystemClock clock_;
  SystemRandom random_;
  TemporaryDirectory directory_;
  bool has_blobs_in_rows_ = false;
  std::vector<Migration> migrations_;
  std::atomic<bool> may_arrive_ = true;
  Home old_;
  Home there_;  // where it has been brought by others
  std::unique_ptr<MovingStore> moving_;
};

TEST_F(MovingStoreTest, WritersGoOnInTheNewStoreAndLoseAndRepeatNothing) {
  std::atomic<bool> is_over = false;
  std::atomic<int> written = 0;
  std::vector<std::thread> writers;
  for (int who = 0; who < 3; ++who) {
    writers.emplace_back([&, who] {
      for (int i = 0; !is_over; ++i) {
        const std::string key = std::to_string(who) + "." + std::to_string(i);
        // Inserting would be refused the second time.
        const auto done = moving_->write([&](Tx& tx) { return tx.insert(kFruit, key, "ripe"); });
        ASSERT_TRUE(done) << done.error().text();
        ASSERT_TRUE(*done) << key << " was written twice";
        ++written;
      }
    });
  }
  while (written < 50) std::this_thread::yield();
  mark();
  const int before = written;
  while (written < before + 50) std::this_thread::yield();
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(moving_->home().backend, "new");
  EXPECT_EQ(rows(*moving_), static_cast<std::size_t>(written));
  EXPECT_LT(rows(*old_.store), static_cast<std::size_t>(written));
}

TEST_F(MovingStoreTest, WhatWaitsIsWrittenWhereTheStoreArrives) {
  may_arrive_ = false;
  mark();
  std::promise<Result<void>> told;
  ASSERT_TRUE(moving_->write_async([](Tx& tx) { return put(tx, "async"); },
                                   [&](Result<void> done) { told.set_value(std::move(done)); }));
  auto waits = std::async(std::launch::async,
                          [&] { return moving_->write([](Tx& tx) { return put(tx, "sync"); }); });
  EXPECT_EQ(rows(*moving_), 0u) << "reads go on";
  may_arrive_ = true;
  EXPECT_TRUE(waits.get());
  EXPECT_TRUE(told.get_future().get());
  EXPECT_EQ(rows(*moving_), 2u);
  EXPECT_EQ(rows(*old_.store), 0u);
}

TEST_F(MovingStoreTest, AMoveThatIsTakenBackLetsWritersGoOnWhereTheyWere) {
  may_arrive_ = false;
  mark();
  auto waits = std::async(std::launch::async,
                          [&] { return moving_->write([](Tx& tx) { return put(tx, "sync"); }); });
  const auto mover = open("sqlite:" + directory_.file("old.db"), {.fence = Fence::passes}).value();
  ASSERT_TRUE(mover->write([](Tx& tx) { return clear_mark(tx); }));
  EXPECT_TRUE(waits.get());
  EXPECT_EQ(moving_->home().backend, "old");
  EXPECT_EQ(rows(*old_.store), 1u);
}

TEST_F(MovingStoreTest, AWriteWaitsNoLongerThanItsPatience) {
  MovingStore hasty(old_, nowhere, {.patience = 0ms, .first_pause = 1ms});
  may_arrive_ = false;
  mark();
  const auto done = hasty.write([](Tx& tx) { return put(tx, "sync"); });
  ASSERT_FALSE(done);
  EXPECT_TRUE(says_moved(done.error())) << done.error().text();
  EXPECT_EQ(rows(hasty), 0u);
}

TEST_F(MovingStoreTest, WatchesCallForWhatIsWrittenInTheNewStore) {
  std::atomic<int> calls = 0;
  const auto watch = moving_->watch(
      {kFruit},
      [&](Wake) {
        ++calls;
        calls.notify_all();
      },
      Reach::all_processes);
  ASSERT_TRUE(watch);
  mark();
  while (moving_->home().backend != "new") std::this_thread::yield();
  const int before = calls;
  ASSERT_TRUE(moving_->write([](Tx& tx) { return put(tx, "fig"); }));
  while (calls == before) calls.wait(before);
  EXPECT_EQ(rows(*moving_), 1u);
}

TEST_F(MovingStoreTest, NobodyReadsWhatWasWhereOthersMayHaveWrittenElsewhere) {
  MovingStore hasty(old_, nowhere, {.patience = 0ms});
  may_arrive_ = false;
  ASSERT_TRUE(old_.store->write([](Tx& tx) { return put(tx, "old"); }));
  mark();
  EXPECT_EQ(rows(hasty), 1u) << "nobody writes anywhere";
  // Another server has brought it to its end, and somebody has written there.
  Home there = home("new");
  ASSERT_TRUE(copy(*old_.store, *there.store, migrations_));
  ASSERT_TRUE(finish_copy(*there.store));
  ASSERT_TRUE(there.store->write([](Tx& tx) { return put(tx, "new"); }));
  const auto mover = open("sqlite:" + directory_.file("old.db"), {.fence = Fence::passes}).value();
  const Moved gone{"new", "move", MoveStage::gone};
  ASSERT_TRUE(mover->write([&](Tx& tx) { return mark_moved(tx, gone); }));
  const auto read = hasty.read([](Tx& tx) { return tx.scan(kFruit, {}, 10); });
  ASSERT_FALSE(read);
  EXPECT_TRUE(says_moved(read.error())) << read.error().text();
  auto waits = std::async(std::launch::async, [&] { return rows(*moving_); });
  there_ = there;
  may_arrive_ = true;
  EXPECT_EQ(waits.get(), 2u);
}

TEST_F(MovingStoreTest, OnlyFewRequestsWaitAndTheBackgroundAlways) {
  moving_.reset();
  MovingStore moving(
      old_,
      [this](const Home& from, const Moved& moved, const std::stop_token&) {
        return find(from, moved);
      },
      MovingOptions{.patience = 60s, .waiting_requests = 1, .first_pause = 1ms});
  may_arrive_ = false;
  mark();
  std::atomic<int> refused = 0;
  std::atomic<int> made = 0;
  const auto write = [&](const std::string& key) {
    const auto done = moving.write([&](Tx& tx) { return put(tx, key); });
    EXPECT_TRUE(done || says_moved(done.error())) << done.error().text();
    ++(done ? made : refused);
    refused.notify_all();
  };
  std::vector<std::jthread> threads;
  for (const char* key : {"a", "b", "c"}) {
    threads.emplace_back([&, key] {
      const RequestScope request;
      write(key);
    });
  }
  for (const char* key : {"d", "e"}) threads.emplace_back([&, key] { write(key); });
  for (int seen = 0; (seen = refused) < 2;) refused.wait(seen);
  may_arrive_ = true;
  threads.clear();
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(made, 3);
  EXPECT_EQ(rows(moving), 3u);
}

TEST_F(MovingStoreTest, NewsOfTheMarkAreLookedIntoAtOnce) {
  std::atomic<int> looks = 0;
  moving_.reset();
  MovingStore moving(
      old_,
      [&](const Home&, const Moved&, const std::stop_token&) -> Result<std::optional<Home>> {
        ++looks;
        looks.notify_all();
        return std::nullopt;
      },
      MovingOptions{.patience = 1h, .first_pause = 1h, .longest_pause = 1h});
  mark();
  auto waits = std::async(std::launch::async,
                          [&] { return moving.write([](Tx& tx) { return put(tx, "sync"); }); });
  while (looks == 0) looks.wait(0);
  const auto mover = open("sqlite:" + directory_.file("old.db"), {.fence = Fence::passes}).value();
  ASSERT_TRUE(mover->write([](Tx& tx) { return clear_mark(tx); }));
  EXPECT_TRUE(waits.get());
  EXPECT_EQ(rows(moving), 1u);
}

TEST_F(MovingStoreTest, WritesThatAreHeldAreBoundedAndNoneOfThemIsLost) {
  moving_.reset();
  MovingStore moving(
      old_,
      [this](const Home& from, const Moved& moved, const std::stop_token&) {
        return find(from, moved);
      },
      MovingOptions{.patience = 60s, .held_writes = 2, .first_pause = 1ms});
  may_arrive_ = false;
  mark();
  std::atomic<std::size_t> told = 0;
  std::size_t taken = 0;
  for (;; ++taken) {
    const auto queued =
        moving.write_async([key = std::to_string(taken)](Tx& tx) { return put(tx, key); },
                           [&](Result<void> done) {
                             EXPECT_TRUE(done) << done.error().text();
                             ++told;
                             told.notify_all();
                           });
    if (queued) continue;
    EXPECT_EQ(queued.error().code, Code::overloaded) << queued.error().text();
    EXPECT_TRUE(queued.error().message.ends_with("writes wait for the store"));
    break;
  }
  EXPECT_GE(taken, 2u);
  may_arrive_ = true;
  for (std::size_t seen = 0; (seen = told) < taken;) told.wait(seen);
  EXPECT_EQ(rows(moving), taken);
}

TEST_F(MovingStoreTest, StoppingEndsWhatFollowsAndWhoWaits) {
  std::promise<void> follows;
  std::promise<bool> was_told;
  MovingStore moving(
      old_,
      [&](const Home&, const Moved&, const std::stop_token& stop) -> Result<std::optional<Home>> {
        follows.set_value();
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any told;
        told.wait(lock, stop, [] { return false; });
        was_told.set_value(stop.stop_requested());
        return fail(Code::cancelled, "the copy was interrupted");
      },
      MovingOptions{.patience = 1h});
  moving_.reset();
  mark();
  auto waits = std::async(std::launch::async,
                          [&] { return moving.write([](Tx& tx) { return put(tx, "sync"); }); });
  follows.get_future().wait();
  moving.stop();
  EXPECT_TRUE(was_told.get_future().get());
  const auto done = waits.get();
  ASSERT_FALSE(done);
  EXPECT_TRUE(says_moved(done.error())) << done.error().text();
}

class Wrapped : public Store {
 public:
  explicit Wrapped(std::shared_ptr<Store> inner) : inner_(std::move(inner)) {}

  Result<void> write_async(std::function<Result<void>(Tx&)> body,
                           std::function<void(Result<void>)> done) override {
    return inner_->write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override {
    return inner_->watch(tables, std::move(wake), reach);
  }
  Result<void> check() override { return inner_->check(); }
  StoreStats stats() const override { return inner_->stats(); }

 protected:
  Result<void> write_erased(const std::function<Result<void>(Tx&)>& body) override {
    return inner_->write(body);
  }
  Result<void> read_erased(const std::function<Result<void>(Tx&)>& body) override {
    return inner_->read(body);
  }

 private:
  const std::shared_ptr<Store> inner_;
};

// Whoever watches it hears nothing.
class Unheard final : public Wrapped {
 public:
  using Wrapped::Wrapped;
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>&, Waker, Reach) override {
    return std::make_unique<Watch>();
  }
};

TEST_F(MovingStoreTest, LooksLessOftenTheLongerItTakes) {
  constexpr int kLooks = 10;
  std::atomic<int> looks = 0;
  moving_.reset();
  mark();
  Home old = old_;
  old.store = std::make_shared<Unheard>(old_.store);
  const auto begun = std::chrono::steady_clock::now();
  const MovingStore moving(
      old,
      [&](const Home&, const Moved&, const std::stop_token&) -> Result<std::optional<Home>> {
        ++looks;
        looks.notify_all();
        return std::nullopt;
      },
      MovingOptions{.first_pause = 1ms, .longest_pause = 1h});
  for (int seen = 0; (seen = looks) < kLooks;) looks.wait(seen);
  // At least half of 1 + 2 + 4 + … + 256.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 255ms);
}

// Its watches of fruit call once more as they end, which they may, at a time of the test's choice.
class LateCaller final : public Wrapped {
 public:
  LateCaller(std::shared_ptr<Store> inner, std::function<void()> before_the_end)
      : Wrapped(std::move(inner)), before_the_end_(std::move(before_the_end)) {}

  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override {
    if (tables.front().name != kFruit.name) return Wrapped::watch(tables, std::move(wake), reach);
    return std::make_unique<LastCall>(before_the_end_, std::move(wake));
  }

 private:
  class LastCall final : public Watch {
   public:
    LastCall(std::function<void()> before, Waker wake)
        : before_(std::move(before)), wake_(std::move(wake)) {}
    LastCall(const LastCall&) = delete;
    LastCall& operator=(const LastCall&) = delete;
    ~LastCall() override {
      before_();
      wake_(Wake::perhaps);
    }

   private:
    const std::function<void()> before_;
    const Waker wake_;
  };

  const std::function<void()> before_the_end_;
};

TEST_F(MovingStoreTest, AWatchThatEndsDuringAMoveIsNotCalledAnyMore) {
  std::promise<void> is_ending;
  std::promise<void> has_gone;
  std::atomic<int> late_calls = 0;
  std::atomic<bool> is_gone = false;
  Home old = old_;
  old.store = std::make_shared<LateCaller>(old_.store, [&] {
    is_ending.set_value();
    has_gone.get_future().wait();
  });
  {
    MovingStore moving(
        old,
        [this](const Home& from, const Moved& moved, const std::stop_token&) {
          return find(from, moved);
        },
        kPatient);
    auto watch = moving.watch(
        {kFruit},
        [&](Wake) {
          if (is_gone) ++late_calls;
        },
        Reach::this_process);
    ASSERT_TRUE(watch);
    moving_.reset();  // one of them moves
    mark();
    is_ending.get_future().wait();
    watch->reset();
    is_gone = true;
    has_gone.set_value();
  }
  EXPECT_EQ(late_calls, 0);
  EXPECT_TRUE(is_gone);
}

TEST_F(MovingStoreTest, BlobsThatNothingRefersToYetComeAlong) {
  const auto blobs = moving_->make_blobs();
  const BlobRef early = blobs->put("put before the move").value();
  const auto writer = blobs->create().value();
  ASSERT_TRUE(writer->write("begun before the move"));
  mark();
  while (moving_->home().backend != "new") std::this_thread::yield();
  const BlobRef late = writer->finish().value();
  for (const BlobRef& ref : {early, late}) {
    const auto done = moving_->write([&](Tx& tx) { return blobs->add_reference(tx, ref); });
    EXPECT_TRUE(done) << done.error().text();
  }
  EXPECT_EQ(blobs->read(early.digest, 100).value(), "put before the move");
  EXPECT_EQ(blobs->read(late.digest, 100).value(), "begun before the move");
}

class MovingRowsTest : public MovingStoreTest {
 protected:
  void SetUp() override {
    has_blobs_in_rows_ = true;
    MovingStoreTest::SetUp();
  }
};

TEST_F(MovingRowsTest, ABlobThatIsWrittenMeanwhileWaitsAndIsGoneOnWithElsewhere) {
  const std::string first(2'500'000, 'a');
  const std::string second(2'500'000, 'b');
  const auto blobs = moving_->make_blobs();
  const auto writer = blobs->create().value();
  ASSERT_TRUE(writer->write(first));
  may_arrive_ = false;
  mark();
  const auto goes_on = [&]() -> Result<BlobRef> {
    WRIT_CHECK(writer->write(second));
    return writer->finish();
  };
  auto begun_before = std::async(std::launch::async, goes_on);
  auto begun_now = std::async(std::launch::async, [&] { return blobs->put("small"); });
  may_arrive_ = true;
  const auto large = begun_before.get();
  const auto small = begun_now.get();
  ASSERT_TRUE(large) << large.error().text();
  ASSERT_TRUE(small) << small.error().text();
  EXPECT_EQ(moving_->home().backend, "new");
  for (const BlobRef& ref : {*large, *small}) {
    const auto done = moving_->write([&](Tx& tx) { return blobs->add_reference(tx, ref); });
    EXPECT_TRUE(done) << done.error().text();
  }
  EXPECT_TRUE(blobs->read(large->digest, 10u << 20).value() == first + second);
  EXPECT_EQ(blobs->read(small->digest, 100).value(), "small");
}

TEST_F(MovingRowsTest, ABlobThatWasPutElsewhereIsLookedForThere) {
  may_arrive_ = false;
  mark();
  there_ = home("new");
  ASSERT_TRUE(copy(*old_.store, *there_.store, migrations_));
  ASSERT_TRUE(finish_copy(*there_.store));
  const BlobRef ref = there_.blobs->put("put by another server").value();
  const auto mover = open("sqlite:" + directory_.file("old.db"), {.fence = Fence::passes}).value();
  const Moved gone{"new", "move", MoveStage::gone};
  ASSERT_TRUE(mover->write([&](Tx& tx) { return mark_moved(tx, gone); }));
  const auto blobs = moving_->make_blobs();
  auto reads = std::async(std::launch::async, [&] { return blobs->read(ref.digest, 100); });
  auto looks = std::async(std::launch::async, [&] { return blobs->contains(ref.digest); });
  may_arrive_ = true;
  EXPECT_EQ(reads.get().value(), "put by another server");
  EXPECT_TRUE(looks.get().value());
}

// A place whose blobs are asked for one, at which moment another one is put.
class Asked final : public BlobStore {
 public:
  Asked(std::shared_ptr<BlobStore> inner, std::function<void()> when_asked)
      : inner_(std::move(inner)), when_asked_(std::move(when_asked)) {}
  Result<std::unique_ptr<BlobWriter>> create() override { return inner_->create(); }
  Result<std::string> read(const crypto::Digest& digest, std::uint64_t max) override {
    return inner_->read(digest, max);
  }
  Result<void> stream(const crypto::Digest& digest,
                      const std::function<Result<void>(std::string_view)>& sink) override {
    return inner_->stream(digest, sink);
  }
  Result<bool> contains(const crypto::Digest& digest) override {
    if (auto call = std::exchange(when_asked_, nullptr)) call();
    return inner_->contains(digest);
  }
  Result<void> add_reference(Tx& tx, const BlobRef& ref) override {
    return inner_->add_reference(tx, ref);
  }
  Result<void> drop_reference(Tx& tx, const BlobRef& ref) override {
    return inner_->drop_reference(tx, ref);
  }
  Result<std::uint64_t> collect_garbage(Store& store) override {
    return inner_->collect_garbage(store);
  }

 private:
  const std::shared_ptr<BlobStore> inner_;
  std::function<void()> when_asked_;
};

TEST_F(MovingStoreTest, ABlobThatIsPutWhileOthersAreCarriedComesAlong) {
  std::unique_ptr<BlobStore> blobs;
  BlobRef late;
  moving_.reset();
  MovingStore moving(
      old_,
      [&](const Home& from, const Moved& moved,
          const std::stop_token&) -> Result<std::optional<Home>> {
        WRIT_TRY(auto next, find(from, moved));
        next->blobs =
            std::make_shared<Asked>(next->blobs, [&] { late = blobs->put("late").value(); });
        return next;
      },
      kPatient);
  blobs = moving.make_blobs();
  ASSERT_TRUE(blobs->put("early"));
  mark();
  while (moving.home().backend != "new") std::this_thread::yield();
  EXPECT_EQ(blobs->read(late.digest, 100).value(), "late");
}

}  // namespace
}  // namespace writ::store
