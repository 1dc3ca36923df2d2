#include "store/postgres/pg_bell.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "store/testing/ears.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

using namespace std::chrono_literals;

// A server of its own, which tests stop.
class PgBellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<PostgresServer>();
    url_ = server_->url(server_->make_database());
  }
  std::unique_ptr<PgConnection> connect() { return PgConnection::open({.url = url_}).value(); }
  // What a listener of PostgreSQL's own would be told of a commit to `table`.
  void ring(const PgBell& bell, const Table& table) {
    TablesWritten tables;
    tables.note(table.name);
    const auto connection = connect();
    connection->queue({{}, "SELECT 1", "testing", Wire::text});
    bell.ring(*connection, tables);
    const auto rows = connection->answer();
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(rows->at(0, 0), "1") << "the answer is that of the statement in front";
  }

  std::unique_ptr<PostgresServer> server_;
  std::string url_;
  WatchHub hub_;
  Ears ears_;
};

// No round ends in a test: what is heard then was rung.
const BellSettings kNoRounds{.round = 1h};

TEST_F(PgBellTest, TellsTheOthersWhichTablesHaveChanged) {
  const auto watch = hub_.add({kFruit}, ears_.waker());
  ASSERT_TRUE(ears_.hear(Wake::perhaps));
  WatchHub nobody;
  PgBell listener({.url = url_}, hub_, kNoRounds);
  listener.listen();
  ASSERT_TRUE(ears_.hear(Wake::perhaps)) << "it listens from here on";
  const PgBell rings({.url = url_}, nobody, kNoRounds);
  ring(rings, kFruit);
  EXPECT_TRUE(ears_.hear(Wake::changed));
  ring(listener, kFruit);  // its own: told already
  ring(rings, kTools);
  ring(rings, kFruit);
  EXPECT_TRUE(ears_.hear(Wake::changed));
  EXPECT_EQ(ears_.heard(), std::vector<Wake>{}) << "one call for one commit";
}

TEST_F(PgBellTest, CallsEverybodyWhenItHasBeenDisconnected) {
  const auto watch = hub_.add({kFruit}, ears_.waker());
  ASSERT_TRUE(ears_.hear(Wake::perhaps));
  PgBell listener({.url = url_}, hub_, kNoRounds);
  listener.listen();
  ASSERT_TRUE(ears_.hear(Wake::perhaps));
  for (int outage = 0; outage < 2; ++outage) {
    outage == 0 ? server_->stop() : server_->kill();
    server_->start();
    EXPECT_TRUE(ears_.hear(Wake::perhaps)) << "something may have been missed";
    const PgBell rings({.url = url_}, hub_, kNoRounds);
    ring(rings, kFruit);
    EXPECT_TRUE(ears_.hear(Wake::changed)) << "it listens again";
  }
}

TEST_F(PgBellTest, CallsInRoundsForWhatNobodyWasTold) {
  const auto watch = hub_.add({kFruit}, ears_.waker());
  PgBell listener({.url = url_}, hub_, {.round = 5ms});
  listener.listen();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ears_.hear(Wake::perhaps));
}

TEST_F(PgBellTest, CallsInRoundsWhereTheDatabaseCannotListen) {
  const auto watch = hub_.add({kFruit}, ears_.waker());
  PgBell listener({.url = url_}, hub_,
                  {.listen = "LISTEN_IS_NOT_KNOWN_HERE x", .round = 1h, .unheard_round = 5ms});
  listener.listen();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ears_.hear(Wake::perhaps));
}

TEST_F(PgBellTest, SaysAnythingWhereTheNamesAreTooLong) {
  const auto watch = hub_.add({kFruit}, ears_.waker());
  PgBell listener({.url = url_}, hub_, kNoRounds);
  listener.listen();
  ASSERT_TRUE(ears_.hear(Wake::perhaps));
  WatchHub nobody;
  const PgBell rings({.url = url_}, nobody, kNoRounds);
  const std::string long_name(9'000, 'x');
  ASSERT_TRUE(ears_.hear_of(Wake::changed, [&] { ring(rings, kFruit); }));
  ring(rings, Table{long_name});
  EXPECT_TRUE(ears_.hear(Wake::perhaps));
}

TEST_F(PgBellTest, DoesNotTouchTheAnswerOfACommitThatCannotRing) {
  const auto connection = connect();
  for (int i = 0; i < 3; ++i) {
    connection->queue({{}, "SELECT " + std::to_string(i), "testing", Wire::text});
    connection->queue_aside({"unknown", "SELECT no_such_function()", "testing", Wire::text});
    const auto rows = connection->answer();
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(rows->at(0, 0), std::to_string(i));
    EXPECT_TRUE(connection->is_idle());
  }
}

}  // namespace
}  // namespace writ::store
