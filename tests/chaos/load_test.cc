// Three servers on one PostgreSQL, under load over HTTP, killed at random, and the database with
// them. What was answered for is in the log, once; what was not was refused so that whoever asked
// knew to ask again; nobody has to be told that the database is back.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/random.h"
#include "base/testing/temporary_directory.h"
#include "ledger/ledger.h"
#include "net/client.h"
#include "serve_process.h"
#include "store/open.h"
#include "store/testing/postgres_server.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kServers = 3;
constexpr std::size_t kWriters = 4;
constexpr std::size_t kEventsEach = 5;  // in one request
constexpr std::string_view kPassword = "violet harbour 71 lamps";

std::uint64_t seed() {
  const char* const given = std::getenv("WRIT_CHAOS_SEED");
  return given == nullptr ? 20'261'122 : std::strtoull(given, nullptr, 10);
}

// What writers find out, and where they find the servers.
class Board {
 public:
  void set(std::size_t server, std::string url) {
    const std::lock_guard lock(mutex_);
    urls_.at(server) = std::move(url);
  }
  std::string url(std::size_t server) const {
    const std::lock_guard lock(mutex_);
    return urls_.at(server);
  }
  void acknowledge(const std::vector<std::string>& ids) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(ids.begin(), ids.end());
  }
  // Something that no caller could make sense of.
  void complain(const std::string& about) {
    const std::lock_guard lock(mutex_);
    complaints_.push_back(about);
  }
  std::set<std::string> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  std::vector<std::string> complaints() const {
    const std::lock_guard lock(mutex_);
    return complaints_;
  }

 private:
  mutable std::mutex mutex_;
  std::array<std::string, kServers> urls_;
  std::set<std::string> acknowledged_;
  std::vector<std::string> complaints_;
};

// Writes events at random servers until told to stop; asks again, wherever, for what was not
// answered for.
class Writer {
 public:
  Writer(Board& board, std::string token, std::uint64_t seed)
      : board_(board), token_(std::move(token)), random_(seed), client_(clock_, chance_, once()) {}

  void work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::vector<std::string> ids = fresh_ids();
      const std::string body = body_of(ids);
      while (!say(body)) {
        if (stop.stop_requested()) return;
        std::this_thread::sleep_for(20ms);
      }
      board_.acknowledge(ids);
    }
  }

 private:
  static net::ClientOptions once() {
    net::ClientOptions out;
    out.attempts = 1;
    out.breaker_failures = 1'000'000;  // the test decides when to ask again
    return out;
  }
  std::vector<std::string> fresh_ids() {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kEventsEach; ++i) out.push_back(Uuid::v7(clock_, chance_).text());
    return out;
  }
  static std::string body_of(const std::vector<std::string>& ids) {
    Array events;
    for (const std::string& id : ids) {
      events.push_back(Object{{"specversion", "1.0"},
                              {"id", id},
                              {"source", "urn:test:load"},
                              {"type", "test.load.written"},
                              {"data", Object{{"about", id}}}});
    }
    return to_json(std::move(events));
  }
  bool say(const std::string& body) {
    net::Call call;
    call.method = net::Method::POST;
    call.url = board_.url(random_() % kServers) + "/writ/v1/events";
    call.fields = {{"Content-Type", "application/cloudevents-batch+json"},
                   {"Authorization", "Bearer " + token_}};
    call.body = body;
    call.timeout = 20s;
    const auto answer = client_.send(call);
    if (!answer) return false;  // killed, or not there yet
    if (answer->status == 200) return true;
    const auto problem = parse_json(answer->body, "problem");
    const Value* const again = problem ? problem->find("retryable") : nullptr;
    if (again == nullptr || !again->is_bool() || !again->as_bool()) {
      board_.complain(std::to_string(answer->status) + " " + answer->body);
    }
    return false;
  }

  Board& board_;
  const std::string token_;
  std::mt19937_64 random_;
  SystemClock clock_;
  SystemRandom chance_;
  net::Client client_;
};

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
    for (std::size_t i = 0; i < kWriters; ++i) {
      writers_.emplace_back([this, i](const std::stop_token& stop) {
        Writer(board_, token_, seed() + i).work(stop);
      });
    }
  }
  // Until so many more events were answered for; fails after two minutes.
  void wait_for_more(std::size_t events) const {
    const std::size_t wanted = board_.acknowledged().size() + events;
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (board_.acknowledged().size() < wanted) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline)
          << board_.acknowledged().size() << " of " << wanted << " were answered for";
      std::this_thread::sleep_for(10ms);
    }
  }
  // Each that was answered for once; places without gaps; a log that verifies.
  void expect_whole() {
    writers_.clear();
    EXPECT_EQ(board_.complaints(), std::vector<std::string>{});
    for (auto& server : servers_) server = nullptr;
    SystemClock clock;
    SystemRandom random;
    const auto store = store::open(url_).value();
    const auto log = ledger::Ledger::open(*store, clock, random, {}).value();
    ASSERT_TRUE(log->sequence());
    const auto report = log->verify({});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->pending, 0u);
    std::map<std::string, int> times;
    std::set<std::uint64_t> places;
    ledger::Filter written;
    written.type = "test.load.written";
    written.limit = 1'000'000;
    const std::vector<ledger::Event> events = log->list(written).value();
    for (const ledger::Event& event : events) {
      ++times[event.entry.id.text()];
      EXPECT_TRUE(places.insert(event.index.value()).second);
    }
    const std::set<std::string> promised = board_.acknowledged();
    for (const std::string& id : promised) EXPECT_EQ(times[id], 1) << id;
    std::cout << "[   events ] " << promised.size() << " were answered for, " << times.size()
              << " are there\n";
    EXPECT_GE(times.size(), promised.size());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::PostgresServer> database_;
  std::string url_;
  Environment environment_;
  Board board_;
  std::string token_;
  std::array<std::unique_ptr<ServeProcess>, kServers> servers_;
  std::vector<std::jthread> writers_;  // last: they use the rest
};

TEST_F(Load, ServersThatAreKilledLoseNothingThatWasAnsweredFor) {
  begin();
  std::mt19937_64 random(seed());
  for (int kill = 0; kill < 12; ++kill) {
    wait_for_more(100);
    if (HasFatalFailure()) break;
    start(random() % kServers);
  }
  wait_for_more(100);
  expect_whole();
}

TEST_F(Load, ADatabaseThatComesBackIsUsedAgainByItself) {
  begin();
  for (int outage = 0; outage < 3; ++outage) {
    wait_for_more(200);
    if (HasFatalFailure()) break;
    if (outage % 2 == 0) {
      database_->kill();
    } else {
      database_->stop();
    }
    std::this_thread::sleep_for(300ms);  // writers meet the outage; how many decides nothing
    database_->start();
  }
  wait_for_more(200);
  for (const auto& server : servers_) EXPECT_TRUE(server->is_alive());
  expect_whole();
}

}  // namespace
}  // namespace writ::chaos
