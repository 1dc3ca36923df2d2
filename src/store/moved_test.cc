#include "store/moved.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "store/copy.h"
#include "store/open.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

const Moved kAway{"pg", "move 1", MoveStage::closing};

class MovedTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string adapter = GetParam();
    if (adapter == "postgresql") {
      if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
      PostgresServer& server = PostgresServer::shared();
      url_ = server.url(server.make_database());
    } else {
      url_ = "sqlite:" + directory_.file("store.db");
    }
    store_ = open(url_).value();
    ASSERT_TRUE(store_->migrate(contract_migrations(), DryRun::no));
    ASSERT_EQ(put(*store_, "apple"), "");
  }
  static std::string put(Store& store, const std::string& key) {
    const auto done = store.write([&](Tx& tx) { return tx.put(kFruit, key, "ripe"); });
    return done ? "" : done.error().message;
  }
  static Result<void> mark(Store& store, const Moved& moved) {
    return store.write([&](Tx& tx) { return mark_moved(tx, moved); });
  }
  static std::size_t rows(Store& store) {
    return store.read([](Tx& tx) { return tx.scan(kFruit, {}, 100'000); }).value().size();
  }

  TemporaryDirectory directory_;
  std::string url_;
  std::unique_ptr<Store> store_;
};

TEST_P(MovedTest, NobodyWritesFromTheMarkOnHoweverLongTheyHaveHadTheStore) {
  const auto other = open(url_).value();
  ASSERT_EQ(put(*other, "pear"), "");
  ASSERT_EQ(moved_to(*other).value(), std::nullopt);
  ASSERT_TRUE(mark(*store_, kAway));
  EXPECT_EQ(moved_to(*other).value(), kAway);
  EXPECT_EQ(put(*store_, "plum"), "the store has moved");
  EXPECT_EQ(put(*other, "plum"), "the store has moved");
  EXPECT_EQ(put(*open(url_).value(), "plum"), "the store has moved");
  EXPECT_EQ(rows(*other), 2u) << "reads go on, and nothing was half written";
  std::promise<Result<void>> outcome;
  ASSERT_TRUE(other->write_async([](Tx& tx) { return tx.put(kFruit, "plum", "ripe"); },
                                 [&](Result<void> done) { outcome.set_value(std::move(done)); }));
  const auto done = outcome.get_future().get();
  ASSERT_FALSE(done);
  EXPECT_TRUE(says_moved(done.error())) << done.error().text();
}

TEST_P(MovedTest, WhoeverMovesItWritesAndMayTakeTheMarkBack) {
  ASSERT_TRUE(mark(*store_, kAway));
  const auto mover = open(url_, {.fence = Fence::passes}).value();
  EXPECT_EQ(put(*mover, "plum"), "");
  const Moved gone{"pg", "move 1", MoveStage::gone};
  ASSERT_TRUE(mark(*mover, gone));
  EXPECT_EQ(moved_to(*store_).value(), gone);
  EXPECT_TRUE(says_moved(mark(*store_, kAway).error()));
  ASSERT_TRUE(mover->write([](Tx& tx) { return clear_mark(tx); }));
  EXPECT_EQ(moved_to(*store_).value(), std::nullopt);
  EXPECT_EQ(put(*store_, "cherry"), "");
  ASSERT_TRUE(mark(*store_, kAway)) << "and once more";
  EXPECT_EQ(put(*store_, "quince"), "the store has moved");
  EXPECT_EQ(rows(*store_), 3u);
}

TEST_P(MovedTest, WhoMindsTheMarkReadsNothingWhereTheStoreWas) {
  const auto other = open(url_).value();
  int told = 0;
  const auto fruit = [&](Tx& tx) -> Result<std::size_t> {
    WRIT_TRY(const auto rows, tx.scan(kFruit, {}, 100));
    ++told;
    return rows.size();
  };
  EXPECT_EQ(other->read_unless_moved(fruit).value(), 1u);
  ASSERT_TRUE(mark(*store_, kAway));
  for (int again = 0; again < 2; ++again) {
    const auto read = other->read_unless_moved(fruit);
    ASSERT_FALSE(read);
    EXPECT_TRUE(says_moved(read.error())) << read.error().text();
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(other->read(fruit).value(), 1u);
  const auto mover = open(url_, {.fence = Fence::passes}).value();
  ASSERT_TRUE(mover->write([](Tx& tx) { return clear_mark(tx); }));
  EXPECT_EQ(other->read_unless_moved(fruit).value(), 1u);
}

// What it found may be old: neither its answer nor its refusal counts.
TEST_P(MovedTest, AWriteThatComesToWriteNothingIsToldToo) {
  const auto looks = [](Tx& tx) { return tx.insert(kFruit, "apple", "green"); };
  const auto refuses = [](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto apple, tx.get(kFruit, "apple"));
    if (!apple) return {};
    return fail(Code::conflict, "there is an apple");
  };
  EXPECT_EQ(store_->write(looks).value(), false);
  EXPECT_EQ(store_->write(refuses).error().message, "there is an apple");
  ASSERT_TRUE(mark(*store_, kAway));
  const auto looked = store_->write(looks);
  ASSERT_FALSE(looked);
  EXPECT_TRUE(says_moved(looked.error())) << looked.error().text();
  EXPECT_TRUE(says_moved(store_->write(refuses).error()));
  // Whoever passes has its own way.
  const auto mover = open(url_, {.fence = Fence::passes}).value();
  EXPECT_EQ(mover->write(refuses).error().message, "there is an apple");
}

TEST_P(MovedTest, AWriteIsThereBeforeTheMarkOrNotAtAll) {
  // Four write as fast as they can while the mark comes: what any of them was told is there, and
  // nothing else, when whoever set the mark looks.
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> writers;
  for (int who = 0; who < 4; ++who) {
    writers.emplace_back([&, who] {
      const auto own = open(url_).value();
      for (int i = 0;; ++i) {
        if (!put(*own, std::to_string(who) + "." + std::to_string(i)).empty()) return;
        ++acknowledged;
      }
    });
  }
  while (acknowledged < 40) std::this_thread::yield();
  ASSERT_TRUE(mark(*store_, kAway));
  const std::size_t there = rows(*store_);
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(rows(*store_), there);
  EXPECT_EQ(there, static_cast<std::size_t>(acknowledged) + 1);
}

TEST_P(MovedTest, ACopyBelongsToWhoTookItLast) {
  const std::string to_url = "sqlite:" + directory_.file("to.db");
  const auto to =
      open(to_url, {.unfinished_copy = UnfinishedCopy::open, .fence = Fence::passes}).value();
  const auto copied = [&](const CopyClaim& claim) {
    const auto done = copy(*store_, *to, contract_migrations(), {.claim = claim});
    return done ? std::string() : done.error().message;
  };
  const CopyClaim first{"first", "move 1", std::chrono::hours(1)};
  const CopyClaim late{"late", "move 1", std::chrono::milliseconds(0)};
  EXPECT_EQ(copied(late), "");
  EXPECT_EQ(copied(first), "") << "the lease of the other one is over";
  EXPECT_EQ(copied(late), "another process makes this copy");
  EXPECT_EQ(copy_under_way(*to).value(), "move 1");
  EXPECT_EQ(finish_copy(*to, late).error().message, "another process has taken the copy over");
  EXPECT_EQ(
      finish_copy(*to, first, [](Tx&) -> Result<void> { return fail(Code::conflict, "not yet"); })
          .error()
          .message,
      "not yet");
  ASSERT_TRUE(finish_copy(*to, first));
  EXPECT_EQ(copy_under_way(*to).value(), std::nullopt);
  // Who comes back late finds a store in use, and leaves it alone.
  EXPECT_EQ(put(*to, "plum"), "");
  EXPECT_EQ(finish_copy(*to, first).error().message,
            "there is no copy under way: it has been finished");
  EXPECT_TRUE(copied(first).starts_with("the store to copy to holds rows")) << copied(first);
  EXPECT_EQ(rows(*to), 2u);
}

TEST_P(MovedTest, ACopyWithAnIdIsMadeWhereItWasBegunAndNowhereElse) {
  const auto to = open("sqlite:" + directory_.file("to.db"),
                       {.unfinished_copy = UnfinishedCopy::open, .fence = Fence::passes})
                      .value();
  const auto copied = [&](const CopyClaim& claim) {
    const auto done = copy(*store_, *to, contract_migrations(), {.claim = claim});
    return done ? std::string() : done.error().message;
  };
  const CopyClaim claim{"mover", "move 1", std::chrono::hours(1), "id"};
  EXPECT_EQ(copied(claim), "there is no copy under way: it has been finished");
  EXPECT_FALSE(is_unfinished_copy(*to).value());
  EXPECT_EQ(begin_copy(*to, contract_migrations(), "id").value(), "id");
  EXPECT_EQ(begin_copy(*to, contract_migrations(), "later").value(), "id");
  const std::string other = "the store to copy to is not the one that the copy was begun in";
  EXPECT_EQ(copied({"mover", "move 1", std::chrono::hours(1), "another id"}), other);
  EXPECT_EQ(copied({"mover", "move 1"}), other);
  EXPECT_EQ(copied(claim), "");
  EXPECT_EQ(copy_target(*to).value(), "id");
  // The same process at another move.
  EXPECT_EQ(finish_copy(*to, {"mover", "move 2", std::chrono::hours(1), "id"}).error().message,
            "another process has taken the copy over");
  ASSERT_TRUE(finish_copy(*to, claim));
  // Even where it may overwrite all: the store is in use.
  ASSERT_TRUE(mark(*to, kAway));
  CopyOptions late{.claim = claim};
  late.may_overwrite = [](const Moved&) -> Result<bool> { return true; };
  const auto done = copy(*store_, *to, contract_migrations(), late);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "there is no copy under way: it has been finished");
  EXPECT_FALSE(is_unfinished_copy(*to).value());
}

TEST_P(MovedTest, WhatAStoreHeldWhenItMovedIsOverwrittenOnlyByLeave) {
  const auto back = open("sqlite:" + directory_.file("new.db")).value();
  ASSERT_TRUE(back->migrate(contract_migrations(), DryRun::no));
  ASSERT_EQ(put(*back, "melon"), "");
  ASSERT_TRUE(mark(*store_, kAway));
  const auto to =
      open(url_, {.unfinished_copy = UnfinishedCopy::open, .fence = Fence::passes}).value();
  CopyOptions options;
  options.claim = {"mover", "move 2"};
  EXPECT_EQ(copy(*back, *to, contract_migrations(), options).error().code, Code::conflict);
  options.may_overwrite = [](const Moved& moved) -> Result<bool> { return moved.id == "move 1"; };
  const auto copied = copy(*back, *to, contract_migrations(), options);
  ASSERT_TRUE(copied) << copied.error().text();
  EXPECT_EQ(put(*store_, "plum"), "the store has moved") << "until the copy is finished";
  ASSERT_TRUE(finish_copy(*to, options.claim));
  EXPECT_EQ(moved_to(*store_).value(), std::nullopt);
  EXPECT_EQ(put(*store_, "plum"), "");
  EXPECT_EQ(rows(*store_), 2u);
}

INSTANTIATE_TEST_SUITE_P(Adapters, MovedTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace writ::store
