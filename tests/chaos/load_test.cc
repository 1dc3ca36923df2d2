// Three servers on one PostgreSQL, under load over HTTP, killed at random, and the database with
// them. What was answered for is in the log, once; what was not was refused so that whoever asked
// knew to ask again; nobody has to be told that the database is back.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "base/testing/temporary_directory.h"
#include "event_writers.h"
#include "net/client.h"
#include "serve_process.h"
#include "store/open.h"
#include "store/testing/postgres_server.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kServers = 3;
constexpr std::size_t kWriters = 4;
constexpr std::string_view kPassword = "violet harbour 71 lamps";

std::uint64_t seed() {
  const char* const given = std::getenv("WRIT_CHAOS_SEED");
  return given == nullptr ? 20'261'122 : std::strtoull(given, nullptr, 10);
}

class Load : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    database_ = std::make_unique<store::PostgresServer>();
    url_ = database_->url(database_->make_database());
    environment_ = {{"WRIT_STORE", url_},
                    {"WRIT_IDENTITY_SECRETS", file("secrets.json")},
                    // Of all three: tokens of one are good at the others.
                    {"WRIT_SERVER_PUBLIC_URL", "http://load.test"}};
    run_writ({"identity", "bootstrap-admin", "root@example.org"}, directory_.path().string(),
             environment_, std::string(kPassword) + "\n");
    for (std::size_t i = 0; i < kServers; ++i) start(i);
    token_ = sign_in();
    ASSERT_FALSE(token_.empty());
  }

  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  void start(std::size_t server) {
    servers_.at(server) = nullptr;  // killed
    servers_.at(server) =
        std::make_unique<ServeProcess>(directory_.path().string(), environment_, file("log"));
    board_.set(server, servers_.at(server)->url());
  }
  std::string sign_in() const {
    SystemClock clock;
    SystemRandom random;
    net::Client client(clock, random);
    net::Call call;
    call.method = net::Method::POST;
    call.url = board_.url(0) + "/auth/jwt/login";
    call.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = "username=root%40example.org&password=violet+harbour+71+lamps";
    const auto answer = client.send(call);
    if (!answer) return {};
    const auto body = parse_json(answer->body, "token");
    return body ? std::string(body->string_or("access_token", "")) : "";
  }
  void begin() {
    writers_ = std::make_unique<EventWriters>(board_, token_, seed());
    writers_->begin(kWriters);
  }
  void expect_nothing_lost() {
    writers_ = nullptr;
    for (auto& server : servers_) server = nullptr;
    const auto store = store::open(url_).value();
    expect_whole(board_, *store, "");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::PostgresServer> database_;
  std::string url_;
  Environment environment_;
  Board board_{kServers};
  std::string token_;
  std::array<std::unique_ptr<ServeProcess>, kServers> servers_;
  std::unique_ptr<EventWriters> writers_;  // last: they use the rest
};

TEST_F(Load, ServersThatAreKilledLoseNothingThatWasAnsweredFor) {
  begin();
  std::mt19937_64 random(seed());
  for (int kill = 0; kill < 12; ++kill) {
    writers_->wait_for_more(100);
    if (HasFatalFailure()) break;
    start(random() % kServers);
  }
  writers_->wait_for_more(100);
  expect_nothing_lost();
}

TEST_F(Load, ADatabaseThatComesBackIsUsedAgainByItself) {
  begin();
  for (int outage = 0; outage < 3; ++outage) {
    writers_->wait_for_more(200);
    if (HasFatalFailure()) break;
    if (outage % 2 == 0) {
      database_->kill();
    } else {
      database_->stop();
    }
    std::this_thread::sleep_for(300ms);  // writers meet the outage; how many decides nothing
    database_->start();
  }
  writers_->wait_for_more(200);
  for (const auto& server : servers_) EXPECT_TRUE(server->is_alive());
  expect_nothing_lost();
}

}  // namespace
}  // namespace writ::chaos
