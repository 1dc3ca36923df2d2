#include "store/postgres/pg_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "store/migrate.h"
#include "store/postgres/pg_connection.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

using namespace std::chrono_literals;

class PostgresFixture final : public StoreFixture {
 public:
  std::string missing() override { return PostgresServer::missing(); }
  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    PostgresServer& server = PostgresServer::shared();
    url_ = server.url(server.make_database());
    return open_again(clock);
  }
  Result<std::unique_ptr<Store>> open_again(const Clock& clock) override {
    return store::open(url_, {.clock = &clock});
  }

 private:
  std::string url_;
};

INSTANTIATE_STORE_CONTRACT(Postgres, PostgresFixture);

class PgStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = &server();
    url_ = server_->url(server_->make_database());
  }
  virtual PostgresServer& server() { return PostgresServer::shared(); }

  std::unique_ptr<Store> open_migrated(std::chrono::milliseconds patience = 20s,
                                       std::size_t connections = 16) {
    auto store = open(url_, {.busy_timeout = patience, .connections = connections}).value();
    EXPECT_TRUE(store->migrate(contract_migrations(), DryRun::no));
    return store;
  }
  std::string refusal(const std::string& url, const OpenOptions& options = {}) {
    const auto store = open(url, options);
    return store ? "opened" : store.error().text();
  }
  // SQL as another program would send it.
  std::string sql(const std::string& text) {
    const auto connection = PgConnection::open({.url = url_}).value();
    connection->queue({{}, text, "testing", Wire::text});
    const auto rows = connection->answer();
    if (!rows) return rows.error().text();
    return rows->size() == 0 ? "" : std::string(rows->at(0, 0));
  }

  PostgresServer* server_ = nullptr;
  std::string url_;
};

Result<void> put(Store& store, const std::string& key, const std::string& value) {
  return store.write([&](Tx& tx) { return tx.put(kFruit, key, value); });
}

std::string get(Store& store, const std::string& key) {
  const auto value = store.read([&](Tx& tx) { return tx.get(kFruit, key); });
  return value ? value->value_or("(none)") : value.error().text();
}

Result<void> count_up(Tx& tx) {
  WRIT_TRY(const auto old, tx.get(kFruit, "count"));
  return tx.put(kFruit, "count", std::to_string(std::stoi(old.value_or("0")) + 1));
}

TEST_F(PgStoreTest, LosesNoUpdateOfSeveralServers) {
  constexpr int kServers = 3;
  constexpr int kEach = 40;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < kServers; ++i) stores.push_back(open_migrated());
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2 * kServers; ++i) {
    threads.emplace_back([&, i] {
      Store& store = *stores[static_cast<std::size_t>(i % kServers)];
      for (int n = 0; n < kEach; ++n) failures += store.write(count_up) ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(get(*stores[0], "count"), std::to_string(2 * kServers * kEach));
}

// Two closures that each look at what the other writes: one must see the other's.
TEST_F(PgStoreTest, LetsNoTwoWritesPassEachOtherUnseen) {
  const auto one = open_migrated();
  const auto other = open_migrated();
  const auto take_if_free = [](Store& store, const std::string& mine, const std::string& theirs) {
    return store.write([&](Tx& tx) -> Result<bool> {
      WRIT_TRY(const auto taken, tx.get(kFruit, theirs));
      if (taken) return false;
      WRIT_CHECK(tx.put(kFruit, mine, "taken"));
      return true;
    });
  };
  for (int i = 0; i < 20; ++i) {
    const std::string left = "left" + std::to_string(i);
    const std::string right = "right" + std::to_string(i);
    Result<bool> first = false;
    std::thread thread([&] { first = take_if_free(*one, left, right); });
    const Result<bool> second = take_if_free(*other, right, left);
    thread.join();
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second) << "round " << i;
  }
}

TEST_F(PgStoreTest, IsMadeOnceWhenManyServersStartAtOnce) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::string> answers;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      auto store = open(url_);
      const auto steps = store ? (*store)->migrate(contract_migrations(), DryRun::no)
                               : std::unexpected(store.error());
      const std::lock_guard lock(mutex);
      answers.push_back(steps ? "ready" : steps.error().text());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answers, std::vector<std::string>(6, "ready"));
  EXPECT_EQ(sql("SELECT count(*) FROM writ.t_writ_format"), "1");
}

TEST_F(PgStoreTest, SendsManyChangesInOneTransaction) {
  const auto store = open_migrated();
  constexpr std::size_t kRows = 5'000;
  const std::string large(8u << 20, 'x');
  ASSERT_TRUE(store->write([&](Tx& tx) -> Result<void> {
    for (std::size_t i = 0; i < kRows; ++i) {
      WRIT_CHECK(tx.put(kFruit, "row" + std::to_string(i), "x"));
    }
    for (int i = 0; i < 4; ++i) WRIT_CHECK(tx.put(kTools, std::to_string(i), large));
    return {};
  }));
  const auto rows = store->read([](Tx& tx) { return tx.scan(kFruit, {}, 10 * kRows); });
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(rows->size(), kRows);
  const auto value = store->read([](Tx& tx) { return tx.get(kTools, "3"); });
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_EQ(value->value_or(""), large);
}

// The bulk way in answers for its rows as the slow one does.
TEST_F(PgStoreTest, FillsATableOrSaysWhatIsInTheWay) {
  const auto store = open_migrated(300ms);
  const auto load = [&](std::vector<Row> rows) {
    return store->write([&](Tx& tx) -> Result<std::size_t> {
      WRIT_CHECK(tx.put(kTools, "saw", "sharp"));
      WRIT_CHECK(dynamic_cast<SchemaTx&>(tx).load(kFruit, rows));
      WRIT_TRY(const auto all, tx.scan(kFruit, {}, 100'000));
      return all.size();
    });
  };
  std::vector<Row> many;
  for (int i = 0; i < 20'000; ++i) many.push_back({"key" + std::to_string(i), "value"});
  EXPECT_EQ(load(many).value(), many.size());
  EXPECT_EQ(get(*store, "key19999"), "value");
  const auto again = load({{"fresh", "1"}, {"key7", "2"}});
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().text().starts_with("unavailable: ")) << again.error().text();
  EXPECT_TRUE(again.error().message.contains("filling table contract_fruit"))
      << again.error().message;
  EXPECT_EQ(get(*store, "fresh") + get(*store, "key7"), "(none)value") << "all or nothing";
  EXPECT_EQ(load({{"fresh", "1"}}).value(), many.size() + 1) << "the connection is whole";
  EXPECT_EQ(load({{"", ""}, {std::string(kMaxKeyBytes + 1, 'k'), ""}}).error().code,
            Code::invalid_input);
}

// Whatever stands before a question, its answer comes back: also where that fills the pipeline.
TEST_F(PgStoreTest, AnswersBehindAnyNumberOfChanges) {
  const auto store = open_migrated();
  for (int changes = 240; changes <= 270; ++changes) {
    const auto seen = store->write([&](Tx& tx) -> Result<std::string> {
      for (int i = 0; i < changes; ++i) WRIT_CHECK(tx.put(kFruit, "last", std::to_string(i)));
      WRIT_TRY(const auto value, tx.get(kFruit, "last"));
      return value.value_or("(none)");
    });
    ASSERT_TRUE(seen) << changes << ": " << seen.error().text();
    EXPECT_EQ(*seen, std::to_string(changes - 1));
  }
}

TEST_F(PgStoreTest, TellsTheTimeOfTheDatabase) {
  const auto store = open_migrated();
  const auto first = store->read([](Tx& tx) { return tx.now(); });
  const std::string database =
      sql("SELECT (extract(epoch FROM clock_timestamp())*1000000)::bigint");
  const auto last = store->write([](Tx& tx) { return tx.now(); });
  ASSERT_TRUE(first && last);
  EXPECT_LE(first->micros, std::stoll(database));
  EXPECT_LE(first->micros, last->micros);
  EXPECT_LT(std::stoll(database) - first->micros, 600'000'000) << "microseconds since 1970";
}

TEST_F(PgStoreTest, RefusesASchemaOfAnotherProgram) {
  sql("CREATE SCHEMA writ");
  sql("CREATE TABLE writ.theirs (id int)");
  const std::string text = refusal(url_);
  EXPECT_TRUE(text.starts_with("unsupported: the schema `writ` of postgresql://writ@")) << text;
  EXPECT_EQ(sql("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'writ'"), "1");
}

TEST_F(PgStoreTest, RefusesANewerFormat) {
  open_migrated();
  sql("UPDATE writ.t_writ_format SET v = '2'");
  EXPECT_TRUE(refusal(url_).ends_with("has format 2, this binary knows 1")) << refusal(url_);
}

TEST_F(PgStoreTest, SaysWhatIsNotThere) {
  EXPECT_TRUE(refusal(url_, {.if_missing = IfMissing::fail}).starts_with("not_found: there is no"));
  const std::string text = refusal(server_->url("nobodys"));
  EXPECT_TRUE(text.starts_with("not_found: ")) << text;
  EXPECT_TRUE(text.contains("database \"nobodys\" does not exist")) << text;
}

TEST_F(PgStoreTest, KeepsPasswordsOutOfMessages) {
  const std::string text =
      refusal("postgresql://writ:s3cret@127.0.0.1:1/db", {.busy_timeout = 10ms});
  EXPECT_TRUE(text.starts_with("unavailable: the store postgresql://writ@127.0.0.1:1/db")) << text;
  EXPECT_FALSE(text.contains("s3cret")) << text;
  EXPECT_FALSE(refusal("postgres:s3cret").contains("s3cret"));
}

TEST_F(PgStoreTest, FindsRowsThatNoWritWrites) {
  const auto store = open_migrated();
  sql("INSERT INTO writ.t_contract_tools VALUES (convert_to(repeat('k', 2049), 'UTF8'), '')");
  const auto done = store->check();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text(),
            "tampered: the table t_contract_tools holds rows that no Writ writes");
}

// With a server of their own, which they stop.
class PgOutageTest : public PgStoreTest {
 protected:
  PostgresServer& server() override { return own_; }
  PostgresServer own_;
};

TEST_F(PgOutageTest, IsGoneOverByWritersThatWait) {
  const auto store = open_migrated();
  ASSERT_TRUE(put(*store, "before", "1"));
  server_->stop();
  Result<void> done;
  std::thread writer([&] { done = put(*store, "meanwhile", "2"); });
  server_->start();
  writer.join();
  EXPECT_TRUE(done) << done.error().text();
  EXPECT_EQ(get(*store, "before") + get(*store, "meanwhile"), "12");
}

TEST_F(PgOutageTest, IsAnErrorWorthARetryWhenItLasts) {
  const auto store = open_migrated(200ms);
  server_->stop();
  const auto done = put(*store, "a", "1");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_EQ(error_row(done.error().code).retry, Retry::again);
  const auto read = store->read([](Tx& tx) { return tx.get(kFruit, "a"); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::unavailable);
  server_->start();
  EXPECT_TRUE(put(*store, "a", "2"));
  EXPECT_EQ(get(*store, "a"), "2");
}

TEST_F(PgOutageTest, LosesAndRepeatsNothing) {
  // Fewer connections than writers: who asks what became of a commit must not wait for the others.
  const auto store = open_migrated(20s, 2);
  std::atomic<bool> goes_on = true;
  std::mutex mutex;
  std::map<std::string, std::string> answers;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; goes_on; ++n) {
        const std::string key = std::to_string(w) + "." + std::to_string(n);
        const auto done = store->write([&](Tx& tx) -> Result<void> {
          WRIT_CHECK(tx.put(kTools, key, "x"));
          return count_up(tx);
        });
        const std::lock_guard lock(mutex);
        answers[key] = done ? "done" : done.error().text();
      }
    });
  }
  for (int crash = 0; crash < 3; ++crash) {
    std::this_thread::sleep_for(150ms);
    server_->kill();
    server_->start();
  }
  goes_on = false;
  for (auto& writer : writers) writer.join();
  const auto rows = store->read([&](Tx& tx) { return tx.scan(kTools, {}, answers.size()); });
  ASSERT_TRUE(rows) << rows.error().text();
  std::set<std::string> there;
  for (const Row& row : *rows) there.insert(row.key);
  for (const auto& [key, answer] : answers) {
    EXPECT_EQ(there.contains(key), answer == "done") << key << ": " << answer;
    EXPECT_FALSE(answer.contains("is not known")) << "the database was back in time: " << answer;
  }
  EXPECT_GT(there.size(), 0u);
  EXPECT_EQ(get(*store, "count"), std::to_string(there.size())) << "each took effect once";
}

// Callers that wait for nobody: each request under way fails in a way that is worth a retry, and
// once the database is back they succeed without anybody's doing.
TEST_F(PgOutageTest, FailsRequestsThatMayBeRetriedAndRecoversByItself) {
  const auto store = open_migrated(100ms);
  std::mutex mutex;
  std::condition_variable changed;
  std::map<int, int> done_since;  // by caller, since the server was last stopped or started
  std::map<int, int> failed_since;
  std::vector<Error> failures;
  std::set<std::string> acknowledged;
  bool goes_on = true;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int n = 0;; ++n) {
        const std::string key = std::to_string(caller) + "." + std::to_string(n);
        auto written = put(*store, key, "x");
        const auto read = store->read([&](Tx& tx) { return tx.get(kFruit, key); });
        const std::lock_guard lock(mutex);
        if (written) acknowledged.insert(key);
        if (!written) failures.push_back(written.error());
        if (!read) failures.push_back(read.error());
        ++(written && read ? done_since : failed_since)[caller];
        changed.notify_all();
        if (!goes_on) return;
      }
    });
  }
  const auto wait_until_all = [&](std::map<int, int>& since) {
    std::unique_lock lock(mutex);
    since.clear();
    return changed.wait_for(lock, 60s, [&] { return since.size() == 4; });
  };
  ASSERT_TRUE(wait_until_all(done_since));
  for (int outage = 0; outage < 2; ++outage) {
    outage == 0 ? server_->stop() : server_->kill();
    EXPECT_TRUE(wait_until_all(failed_since));
    server_->start();
    EXPECT_TRUE(wait_until_all(done_since)) << "each of them goes on";
  }
  {
    const std::lock_guard lock(mutex);
    goes_on = false;
  }
  for (auto& caller : callers) caller.join();
  for (const Error& failure : failures) {
    EXPECT_EQ(failure.code, Code::unavailable) << failure.text();
    EXPECT_EQ(error_row(failure.code).exit_code, 9) << "worth a retry";
  }
  for (const std::string& key : acknowledged) EXPECT_EQ(get(*store, key), "x") << "lost " << key;
}

TEST_F(PgOutageTest, SaysThatCommitsAreNotDurable) {
  const auto store = open_migrated();
  EXPECT_TRUE(store->check());
  sql("ALTER SYSTEM SET full_page_writes = off");
  server_->stop();
  server_->start();
  const auto done = store->check();
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.contains("fsync or full_page_writes off"))
      << done.error().message;
}

}  // namespace
}  // namespace writ::store
