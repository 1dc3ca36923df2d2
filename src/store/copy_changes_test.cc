#include "store/copy_changes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "store/blob_references.h"
#include "store/change_notes.h"
#include "store/directory/directory_blob_store.h"
#include "store/open.h"
#include "store/rows/row_blob_store.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

using Strings = std::vector<std::string>;

// A store that is copied, and another one: of the adapter named, and SQLite or PostgreSQL.
class CopyChanges : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    const std::string sqlite = "sqlite:" + directory_.file("store.db");
    const std::string postgres =
        PostgresServer::shared().url(PostgresServer::shared().make_database());
    const bool is_from_sqlite = std::string(GetParam()) == "sqlite";
    from_url_ = is_from_sqlite ? sqlite : postgres;
    to_url_ = is_from_sqlite ? postgres : sqlite;
    migrations_ = contract_migrations();
    for (const Migration& one : blob_migrations()) migrations_.push_back(one);
    from_ = open(from_url_).value();
    ASSERT_TRUE(from_->migrate(migrations_, DryRun::no));
    from_blobs_ = open_row_blob_store(*from_, random_).value();
    to_blobs_ = open_directory_blob_store(directory_.path() / "blobs", clock_).value();
    to_ = open(to_url_, {.unfinished_copy = UnfinishedCopy::open, .fence = Fence::passes}).value();
    options_.claim = {.holder = "mover", .of = "move", .target = "id"};
    ASSERT_TRUE(begin_copy(*to_, migrations_, "id"));
  }
  CopyEnds ends() { return {*from_, *from_blobs_, *to_, *to_blobs_}; }
  // "copied", or why not.
  std::string whole() {
    const auto done = copy_whole(ends(), migrations_, options_, CheckBlobs::all, random_);
    return done ? "copied" : done.error().message;
  }
  // How many notes, "does not fit", or an error.
  std::string changes(Notes notes = Notes::are_forgotten) {
    const auto done = copy_changes(ends(), migrations_, options_, notes, random_);
    if (!done) return done.error().message;
    return *done ? std::to_string(**done) : "does not fit";
  }
  void put(const std::string& key, const std::string& value) {
    ASSERT_TRUE(from_->write([&](Tx& tx) { return tx.put(kFruit, key, value); }));
  }
  static Strings rows(Store& store, const Table& table) {
    Strings out;
    const auto found = store.read([&](Tx& tx) { return tx.scan(table, {}, 100'000); });
    for (const Row& row : found.value()) out.push_back(row.key + "=" + row.value);
    return out;
  }
  void expect_equal() {
    for (const Table& table : {kFruit, kTools, kBlobReferences}) {
      EXPECT_TRUE(rows(*to_, table) == rows(*from_, table)) << table.name;
    }
  }

  const SystemClock clock_;
  SystemRandom random_;
  TemporaryDirectory directory_;
  std::string from_url_;
  std::string to_url_;
  std::vector<Migration> migrations_;
  std::unique_ptr<Store> from_;
  std::unique_ptr<Store> to_;
  std::unique_ptr<BlobStore> from_blobs_;
  std::unique_ptr<BlobStore> to_blobs_;
  CopyOptions options_;
};

INSTANTIATE_TEST_SUITE_P(From, CopyChanges, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(CopyChanges, AreThoseRowsThatChangedWhateverTheirBytes) {
  const std::string bytes("\x00\xff\x00'\\.\t\n\x80", 9);
  const std::string longest(kMaxKeyBytes, '\xff');
  const std::string long_too = longest.substr(0, kMaxKeyBytes - 1) + "\xfe";
  ASSERT_TRUE(from_->write([&](Tx& tx) -> Result<void> {
    for (int i = 0; i < 3'000; ++i) {
      WRIT_CHECK(tx.put(kFruit, "row " + std::to_string(i), "before"));
    }
    WRIT_CHECK(tx.put(kFruit, longest, "before"));
    return tx.put(kTools, "saw", "sharp");
  }));
  EXPECT_EQ(changes(), "does not fit");
  ASSERT_EQ(whole(), "copied");
  EXPECT_EQ(changes(), "0");
  // Whoever has had the store open since before is noted, too.
  ASSERT_TRUE(from_->write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.put(kFruit, "row 7", "after"));
    WRIT_CHECK(tx.put(kFruit, "row 7", "after all"));
    WRIT_CHECK(tx.erase(kFruit, "row 8"));
    WRIT_CHECK(tx.insert(kFruit, bytes, bytes));
    WRIT_CHECK(tx.put(kFruit, "", "empty key"));
    WRIT_CHECK(tx.put(kFruit, longest, "after"));
    WRIT_CHECK(tx.put(kFruit, long_too, "new"));
    WRIT_CHECK(tx.insert(kFruit, "row 9", "is there"));
    WRIT_CHECK(tx.erase(kTools, "saw"));
    return {};
  }));
  // The two long keys share a note: there is no room for where they differ.
  EXPECT_EQ(changes(), "6");
  expect_equal();
  EXPECT_EQ(changes(), "0");
  put("row 7", "once more");
  EXPECT_EQ(changes(Notes::are_kept), "1");
  EXPECT_EQ(changes(Notes::are_kept), "1");
  expect_equal();
}

TEST_P(CopyChanges, AreNotLostWhileManyWrite) {
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> writers;
  for (int who = 0; who < 3; ++who) {
    writers.emplace_back([&, who] {
      const auto own = open(from_url_).value();
      for (int i = 0; !is_over; ++i) {
        const std::string key = std::to_string((i * 7 + who) % 50);
        const auto done = own->write([&](Tx& tx) -> Result<void> {
          if (i % 5 == 0) {
            WRIT_CHECK(tx.erase(kFruit, key));
            return {};
          }
          return tx.put(kFruit, key, std::to_string(i));
        });
        ASSERT_TRUE(done) << done.error().text();
      }
    });
  }
  ASSERT_EQ(whole(), "copied");
  for (int pass = 0; pass < 5; ++pass) {
    const std::string found = changes();
    ASSERT_TRUE(found.find_first_not_of("0123456789") == std::string::npos) << found;
  }
  is_over = true;
  writers.clear();
  EXPECT_NE(changes(), "does not fit");
  expect_equal();
}

TEST_P(CopyChanges, BringTheBlobsThatTheyReferTo) {
  const auto refer_to = [&](const std::string& bytes) {
    const BlobRef ref = from_blobs_->put(bytes).value();
    const auto done = from_->write([&](Tx& tx) { return from_blobs_->add_reference(tx, ref); });
    EXPECT_TRUE(done) << done.error().text();
    return ref;
  };
  const BlobRef early = refer_to("early");
  ASSERT_EQ(whole(), "copied");
  const BlobRef late = refer_to("late");
  ASSERT_TRUE(from_->write([&](Tx& tx) { return from_blobs_->drop_reference(tx, early); }));
  EXPECT_EQ(changes(), "2");
  EXPECT_EQ(to_blobs_->read(late.digest, 100).value(), "late");
  expect_equal();
}

TEST_P(CopyChanges, DoNotDoWhereTheSidesDoNotFit) {
  put("apple", "red");
  ASSERT_EQ(whole(), "copied");
  put("apple", "green");
  // One that lost its last commits, as a database does that another one takes the place of.
  const auto step = to_->read([](Tx& tx) { return tx.get(Table{"writ_copy"}, "step"); }).value();
  EXPECT_EQ(changes(), "1");
  ASSERT_TRUE(to_->write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.put(kFruit, "apple", "red"));
    return tx.put(Table{"writ_copy"}, "step", step.value());
  }));
  EXPECT_EQ(changes(), "does not fit");
  ASSERT_EQ(whole(), "copied");
  expect_equal();
  EXPECT_EQ(changes(), "0");
  // One whose tables are others by now.
  Migration second;
  second.module = "contract";
  second.version = 2;
  second.creates = {Table{"contract_more"}};
  migrations_.insert(migrations_.begin() + 1, second);
  ASSERT_TRUE(from_->migrate(migrations_, DryRun::no));
  EXPECT_EQ(changes(), "does not fit");
  ASSERT_EQ(whole(), "copied");
  EXPECT_EQ(changes(), "0");
}

TEST_P(CopyChanges, AreCopiedAgainWhereTheyChangeMeanwhile) {
  put("apple", "red");
  ASSERT_EQ(whole(), "copied");
  put("apple", "green");
  // Between its row is copied and its note forgotten.
  bool has_changed = false;
  options_.go_on = [&]() -> Result<void> {
    if (!std::exchange(has_changed, true)) put("apple", "yellow");
    return {};
  };
  const BlobRef blob = from_blobs_->put("asked for").value();
  ASSERT_TRUE(from_->write([&](Tx& tx) { return from_blobs_->add_reference(tx, blob); }));
  EXPECT_EQ(changes(), "2");
  EXPECT_TRUE(has_changed);
  EXPECT_EQ(changes(), "1");
  expect_equal();
}

TEST_P(CopyChanges, EndWithTheNotes) {
  ASSERT_EQ(whole(), "copied");
  put("apple", "red");
  ASSERT_TRUE(end_notes(*from_, {kFruit, kTools, kBlobReferences}));
  EXPECT_FALSE(from_->read(&makes_notes).value());
  put("pear", "green");
  EXPECT_EQ(changes(), "does not fit");
  ASSERT_TRUE(end_notes(*from_, {kFruit})) << "where none are made";
  ASSERT_TRUE(begin_notes(*from_, {kFruit}, "a word"));
  EXPECT_EQ(from_->read(&word_beside_notes).value(), "a word");
  put("plum", "blue");
  const auto notes = from_->read([](Tx& tx) { return notes_after(tx, {}, 10); }).value();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(noted(notes.front().key)->range.first, "plum");
  // Not while somebody needs them.
  const auto ended = end_notes(*from_, {kFruit}, [](Tx&) -> Result<bool> { return false; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::conflict);
  EXPECT_EQ(from_->read(&word_beside_notes).value(), "a word");
}

TEST(ChangeNotes, AreNotMadeInMemory) {
  const auto store = open("memory:").value();
  ASSERT_TRUE(store->migrate(contract_migrations(), DryRun::no));
  const auto begun = begin_notes(*store, {kFruit}, "a word");
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Code::unsupported);
  EXPECT_FALSE(store->read(&makes_notes).value());
  EXPECT_FALSE(noted("no table"));
}

}  // namespace
}  // namespace writ::store
