#include "store/moving_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "store/blob_references.h"
#include "store/copy.h"
#include "store/directory/directory_blob_store.h"
#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

using namespace std::chrono_literals;

Result<std::optional<Home>> nowhere(const Home&, const Moved&) { return std::optional<Home>(); }

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

// From one file to another: whoever finds the store marked copies it, if it has to be told so.
class MovingStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    migrations_ = contract_migrations();
    for (const Migration& one : blob_migrations()) migrations_.push_back(one);
    old_ = home("old");
    ASSERT_TRUE(old_.store->migrate(migrations_, DryRun::no));
    moving_ = std::make_unique<MovingStore>(
        old_, [this](const Home& from, const Moved& moved) { return find(from, moved); },
        MovingOptions{.patience = 60s, .pause = 1ms});
  }
  Home home(const std::string& name) {
    const std::string url = "sqlite:" + directory_.file(name + ".db");
    Home out{name, url, open(url, {.unfinished_copy = UnfinishedCopy::open}).value(), nullptr};
    out.blobs = open_directory_blob_store(directory_.file(name), clock_).value();
    return out;
  }
  Result<std::optional<Home>> find(const Home& from, const Moved& moved) {
    if (!may_arrive_) return std::optional<Home>();
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
  TemporaryDirectory directory_;
  std::vector<Migration> migrations_;
  std::atomic<bool> may_arrive_ = true;
  Home old_;
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
  MovingStore hasty(old_, nowhere, {.patience = 0ms, .pause = 1ms});
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

// Its watches of fruit call once more as they end, which they may, at a time of the test's choice.
class LateCaller final : public Store {
 public:
  LateCaller(std::shared_ptr<Store> inner, std::function<void()> before_the_end)
      : inner_(std::move(inner)), before_the_end_(std::move(before_the_end)) {}

  Result<void> write_async(std::function<Result<void>(Tx&)> body,
                           std::function<void(Result<void>)> done) override {
    return inner_->write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override {
    if (tables.front().name != kFruit.name) return inner_->watch(tables, std::move(wake), reach);
    return std::make_unique<LastCall>(before_the_end_, std::move(wake));
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

  const std::shared_ptr<Store> inner_;
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
        old, [this](const Home& from, const Moved& moved) { return find(from, moved); },
        MovingOptions{.patience = 60s, .pause = 1ms});
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
      [&](const Home& from, const Moved& moved) -> Result<std::optional<Home>> {
        WRIT_TRY(auto next, find(from, moved));
        next->blobs =
            std::make_shared<Asked>(next->blobs, [&] { late = blobs->put("late").value(); });
        return next;
      },
      MovingOptions{.patience = 60s, .pause = 1ms});
  blobs = moving.make_blobs();
  ASSERT_TRUE(blobs->put("early"));
  mark();
  while (moving.home().backend != "new") std::this_thread::yield();
  EXPECT_EQ(blobs->read(late.digest, 100).value(), "late");
}

}  // namespace
}  // namespace writ::store
