#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

namespace fs = std::filesystem;

class SqliteFixture final : public StoreFixture {
 public:
  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    return store::open("sqlite:" + directory_.file("store.db"), {.clock = &clock});
  }
  Result<std::unique_ptr<Store>> open_again(const Clock& clock) override { return open(clock); }

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_STORE_CONTRACT(Sqlite, SqliteFixture);

class SqliteStoreTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Store>> try_open(OpenOptions options = {}) {
    options.clock = &clock_;
    return open("sqlite:" + path_, options);
  }
  std::unique_ptr<Store> open_migrated(OpenOptions options = {}) {
    auto store = try_open(options).value();
    EXPECT_TRUE(store->migrate(contract_migrations(), DryRun::no));
    return store;
  }
  // SQL by SQLite alone, as another program would.
  void run_sql(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(db);
  }

  FakeClock clock_;
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
};

Result<void> put(Store& store, const std::string& key, const std::string& value) {
  return store.write([&](Tx& tx) { return tx.put(kFruit, key, value); });
}

std::string get(Store& store, const std::string& key) {
  const auto value = store.read([&](Tx& tx) { return tx.get(kFruit, key); });
  return value ? value->value_or("(none)") : value.error().text();
}

TEST_F(SqliteStoreTest, KeepsWhatWasWrittenWhenItIsOpenedAgain) {
  ASSERT_TRUE(put(*open_migrated(), "apple", "red"));
  EXPECT_EQ(get(*try_open().value(), "apple"), "red");
}

TEST_F(SqliteStoreTest, KeepsItsFilesPrivate) {
  const auto store = open_migrated();
  ASSERT_TRUE(put(*store, "apple", "red"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, MakesNoFileWhenItMustExist) {
  const auto missing = try_open({.if_missing = IfMissing::fail});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(SqliteStoreTest, NamesTheDirectoryThatIsMissing) {
  const auto lost = open("sqlite:" + directory_.file("no/such/store.db"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::storage_failed);
  EXPECT_NE(lost.error().message.find("no/such/store.db"), std::string::npos);
}

TEST_F(SqliteStoreTest, RefusesTheDatabaseOfAnotherProgram) {
  run_sql("CREATE TABLE theirs (a)");
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsupported);
  run_sql("SELECT a FROM theirs");  // still theirs, and no log was forced on it
  EXPECT_FALSE(fs::exists(path_ + "-wal"));
}

TEST_F(SqliteStoreTest, RefusesAFileOfANewerWrit) {
  ASSERT_TRUE(try_open());
  run_sql("PRAGMA user_version = 2");
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsupported);
  EXPECT_NE(refused.error().message.find("format 2"), std::string::npos);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(10'000, 'x');
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsupported);
  EXPECT_EQ(fs::file_size(path_), 10'000u);
}

TEST_F(SqliteStoreTest, TakesItsPathLiterally) {
  const auto before = fs::current_path();
  fs::current_path(directory_.path());
  for (const char* name : {":memory:", "file:x?mode=memory", "-odd"}) {
    EXPECT_TRUE(open(std::string("sqlite:") + name)) << name;
    EXPECT_TRUE(fs::exists(directory_.path() / name)) << name;
  }
  fs::current_path(before);
}

TEST_F(SqliteStoreTest, FindsPagesThatWereOverwritten) {
  {
    const auto store = open_migrated();
    for (int i = 0; i < 200; ++i)
      ASSERT_TRUE(put(*store, std::to_string(i), std::string(500, 'v')));
  }
  const auto size = fs::file_size(path_);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2));
  file << std::string(4096, '\x5a');
  file.close();
  const auto damaged = try_open().value()->check();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::tampered);
}

TEST_F(SqliteStoreTest, ShowsOneProcessWhatAnotherHasCommitted) {
  const auto one = open_migrated();
  const auto two = open_migrated();
  ASSERT_TRUE(put(*one, "apple", "red"));
  EXPECT_EQ(get(*two, "apple"), "red");
  ASSERT_TRUE(put(*two, "apple", "green"));
  EXPECT_EQ(get(*one, "apple"), "green");
}

TEST_F(SqliteStoreTest, LosesNoUpdateOfStoresThatShareTheFile) {
  ASSERT_TRUE(put(*open_migrated(), "count", "0"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto store = try_open().value();
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(store->write([](Tx& tx) -> Result<void> {
          WRIT_TRY(const auto old, tx.get(kFruit, "count"));
          return tx.put(kFruit, "count", std::to_string(std::stoi(old.value_or("0")) + 1));
        }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(get(*try_open().value(), "count"), "40");
}

TEST_F(SqliteStoreTest, MakesTheFileOnceWhenManyOpenIt) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      const auto store = try_open();
      ASSERT_TRUE(store) << store.error().text();
      const auto done = (*store)->migrate(contract_migrations(), DryRun::no);
      EXPECT_TRUE(done) << done.error().text();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(try_open().value()->check());
}

TEST_F(SqliteStoreTest, AnswersUnavailableWhenAnotherProcessHoldsTheWriteLock) {
  const auto holder = open_migrated();
  const auto other = try_open({.busy_timeout = std::chrono::milliseconds(20)}).value();
  const auto held = holder->write([&](Tx&) -> Result<void> {
    std::thread([&] {
      const auto refused = put(*other, "apple", "red");
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, Code::unavailable);
    }).join();
    return {};
  });
  ASSERT_TRUE(held) << held.error().text();
  EXPECT_TRUE(put(*other, "apple", "red"));
}

TEST_F(SqliteStoreTest, RemembersTheTimeWhenTheClockIsSetBackBetweenRuns) {
  const auto now = [](Tx& tx) { return tx.now(); };
  const auto before = open_migrated()->write(now).value();
  clock_.set_back(std::chrono::hours(1));
  EXPECT_EQ(try_open().value()->read(now).value().micros, before.micros);
}

TEST_F(SqliteStoreTest, WritesTheTimeDownOnlyNowAndThen) {
  const auto store = open_migrated();
  const auto now = [](Tx& tx) { return tx.now(); };
  ASSERT_TRUE(store->write(now));
  const auto before = store->stats().commits;
  clock_.pass(std::chrono::milliseconds(99));
  ASSERT_TRUE(store->write(now));
  EXPECT_EQ(store->stats().commits, before);
  clock_.pass(std::chrono::milliseconds(1));
  ASSERT_TRUE(store->write(now));
  EXPECT_EQ(store->stats().commits, before + 1);
}

TEST_F(SqliteStoreTest, KeepsTheLogShort) {
  const auto store = open_migrated();
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(put(*store, "big", std::string(1u << 18, static_cast<char>(i))));
  }
  // Some twenty megabytes were written through it.
  EXPECT_LT(fs::file_size(path_ + "-wal"), 8u << 20);
}

TEST_F(SqliteStoreTest, RunsABatchAgainToUndoOneClosureBehindOthers) {
  const auto store = open_migrated();
  std::map<std::string, int> runs;
  const auto add = [&](const std::string& key, Result<void> then) {
    return [&runs, key, then](Tx& tx) -> Result<void> {
      ++runs[key];
      WRIT_CHECK(tx.put(kFruit, key, "there"));
      return then;
    };
  };
  std::string refusal;
  std::promise<void> last_is_done;
  const std::uint64_t commits_before = store->stats().commits;
  const auto first = store->write([&](Tx& tx) -> Result<void> {
    // Whatever is queued while a batch runs joins it.
    if (++runs["apple"] == 1) {
      const Result<void> spoiled = fail(Code::conflict, "it is rotten");
      WRIT_CHECK(store->write_async(add("pear", spoiled), [&](const Result<void>& done) {
        refusal = done ? "" : done.error().message;
      }));
      WRIT_CHECK(store->write_async(add("plum", {}),
                                    [&](const Result<void>&) { last_is_done.set_value(); }));
    }
    return tx.put(kFruit, "apple", "there");
  });
  ASSERT_TRUE(first) << first.error().text();
  last_is_done.get_future().wait();
  EXPECT_EQ(refusal, "it is rotten");
  EXPECT_EQ(get(*store, "apple"), "there");
  EXPECT_EQ(get(*store, "pear"), "(none)");
  EXPECT_EQ(get(*store, "plum"), "there");
  EXPECT_EQ(runs, (std::map<std::string, int>{{"apple", 2}, {"pear", 2}, {"plum", 1}}));
  EXPECT_EQ(store->stats().commits - commits_before, 1u);
}

TEST_F(SqliteStoreTest, RefusesSchemesItDoesNotKnow) {
  for (const char* url : {"", "sqlite:", "mysql://localhost/writ", "store.db", "memory:x"}) {
    const auto refused = open(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, Code::unsupported);
  }
}

}  // namespace
}  // namespace writ::store
