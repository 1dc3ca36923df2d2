// docs/formats/postgresql.md against what a server was really asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "base/file.h"
#include "store/change_notes.h"
#include "store/copy.h"
#include "store/open.h"
#include "store/postgres/pg_connection.h"
#include "store/testing/ears.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostBytes = 64u << 20;

// `text` with what stands between each `before` and the next of `ends` replaced.
std::string replace_each(std::string text, std::string_view before, std::string_view ends,
                         std::string_view by) {
  for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos;) {
    at += before.size();
    const std::size_t end = std::min(text.find_first_of(ends, at), text.size());
    text.replace(at, end - at, by);
  }
  return text;
}

// Names of tables and lengths of time are not what makes a statement.
std::string in_general(std::string sql) {
  sql = replace_each(std::move(sql), "writ.t", " ", "");
  sql = replace_each(std::move(sql), "writ.\"t", "\"", "");
  for (const std::string_view name : {"lock_timeout = '", "statement_timeout = '"}) {
    sql = replace_each(std::move(sql), name, "'", "TIME");
  }
  for (const auto& [mark, name] : {std::pair<std::string, std::string>{"writ.t ", "writ.TABLE "},
                                   {"writ.\"t\"", "writ.\"TABLE\""}}) {
    for (std::size_t at = 0; (at = sql.find(mark, at)) != std::string::npos;) {
      sql.replace(at, mark.size(), name);
    }
  }
  if (sql.ends_with("writ.t")) sql.replace(sql.size() - 1, 1, "TABLE");
  return sql;
}

// What a server with log_statement = all has noted.
std::set<std::string> logged(const std::string& log) {
  std::set<std::string> out;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (const auto at = line.find("LOG:  statement: "); at != std::string::npos) {
      out.insert(in_general(line.substr(at + 17)));
    } else if (const auto begin = line.find("LOG:  execute "); begin != std::string::npos) {
      const std::size_t sql = line.find(": ", begin + 14);
      out.insert(in_general(line.substr(sql + 2)));
    }
  }
  return out;
}

std::set<std::string> documented() {
  const auto page = read_file(WRIT_SOURCE_DIR "/docs/formats/postgresql.md", kMostBytes);
  std::set<std::string> out;
  std::istringstream lines(page.value());
  bool is_sql = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      is_sql = line == "```sql";
    } else if (is_sql && !line.empty() && !line.starts_with("--")) {
      out.insert(line);
    }
  }
  return out;
}

std::string difference(const std::set<std::string>& from, const std::set<std::string>& what) {
  std::string out;
  for (const std::string& sql : from) {
    if (!what.contains(sql)) out += sql + "\n";
  }
  return out;
}

class PgStatements : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<PostgresServer>();
    url_ = server_->url(server_->make_database());
    const auto connection = PgConnection::open({.url = url_}).value();
    connection->queue({{}, "ALTER SYSTEM SET log_statement = 'all'", "testing", Wire::text});
    ASSERT_TRUE(connection->answer());
    server_->stop();
    server_->start();
  }

  // Each thing a store does, once.
  void do_everything(Store& store) {
    std::vector<Migration> all = contract_migrations();
    all.front().down = [](Tx&) -> Result<void> { return {}; };
    ASSERT_TRUE(store.migrate(all, DryRun::no));
    Ears ears;
    const auto watch = store.watch({kFruit}, ears.waker(), Reach::all_processes);
    ASSERT_TRUE(watch) << watch.error().text();
    ASSERT_TRUE(store.write([](Tx& tx) -> Result<void> {
      WRIT_CHECK(tx.put(kFruit, "apple", "red"));
      WRIT_CHECK(tx.insert(kFruit, "pear", "green"));
      WRIT_CHECK(tx.erase(kFruit, "plum"));
      WRIT_CHECK(tx.now());
      for (const Order order : {Order::ascending, Order::descending}) {
        WRIT_CHECK(tx.scan(kFruit, {}, 1, order));
        WRIT_CHECK(tx.scan(kFruit, {"a", "b"}, 1, order));
      }
      WRIT_CHECK(tx.get(kFruit, "apple"));
      return {};
    }));
    // Before it is stopped, so that its beginning has been seen.
    EXPECT_TRUE(ears.hear_of(Wake::changed, [&] {
      EXPECT_TRUE(store.write([](Tx& tx) { return tx.put(kFruit, "fig", "blue"); }));
    }));
    // Commits of this process are heard without it: it may come later than they.
    ASSERT_TRUE(await_statement("LISTEN writ_changed"));
    ASSERT_TRUE(store.check());
    ASSERT_TRUE(store.read_unless_moved([](Tx& tx) { return tx.get(kFruit, "apple"); }));
    lose_a_commit(store);
    ASSERT_TRUE(store.migrate_down(all, "contract", 0, DryRun::no));
  }
  bool await_statement(std::string_view statement) const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!server_->log().contains(statement)) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }
  // The connection breaks between a closure and its commit: what became of it is asked.
  void lose_a_commit(Store& store) {
    int runs = 0;
    const auto done = store.write([&](Tx& tx) -> Result<void> {
      WRIT_CHECK(tx.put(kFruit, "late", "x"));
      if (++runs > 1) return {};
      server_->kill();
      server_->start();
      return {};
    });
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(runs, 2);
  }

  std::unique_ptr<PostgresServer> server_;
  std::string url_;
};

TEST_F(PgStatements, AreThoseThatAreDocumented) {
  {
    const auto store = open(url_, {.busy_timeout = 20s}).value();
    do_everything(*store);
  }
  const auto from = open("memory:").value();
  ASSERT_TRUE(from->migrate(contract_migrations(), DryRun::no));
  ASSERT_TRUE(from->write([](Tx& tx) { return tx.put(kFruit, "apple", "red"); }));
  {
    const auto to = open(url_, {.busy_timeout = 20s}).value();
    const auto copied = copy(*from, *to, contract_migrations());
    ASSERT_TRUE(copied) << copied.error().text();
  }
  {
    const OpenOptions passing{
        .busy_timeout = 20s, .unfinished_copy = UnfinishedCopy::open, .fence = Fence::passes};
    const auto store = open(url_, passing).value();
    ASSERT_TRUE(store->write([](Tx& tx) { return mark_moved(tx, {"elsewhere", "a move"}); }));
    ASSERT_TRUE(store->write([](Tx& tx) { return clear_mark(tx); }));
    ASSERT_TRUE(begin_notes(*store, {kFruit}, "a word"));
    ASSERT_TRUE(end_notes(*store, {kFruit}));
  }
  EXPECT_TRUE(PgConnection::open({.url = url_}).value()->is_alive());
  server_->stop();
  const std::set<std::string> seen = logged(server_->log());
  const std::set<std::string> listed = documented();
  EXPECT_EQ(difference(seen, listed), "") << "statements that docs/formats/postgresql.md lacks";
  EXPECT_EQ(difference(listed, seen), "") << "statements that nobody sends";
  EXPECT_GT(listed.size(), 30u);
}

}  // namespace
}  // namespace writ::store
