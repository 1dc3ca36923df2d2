#include "event_writers.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "net/client.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

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
    for (std::size_t i = 0; i < EventWriters::kEventsEach; ++i)
      out.push_back(Uuid::v7(clock_, chance_).text());
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
    call.url = board_.url(random_() % board_.servers()) + "/writ/v1/events";
    call.fields = {{"Content-Type", "application/cloudevents-batch+json"},
                   {"Authorization", "Bearer " + token_}};
    call.body = body;
    call.timeout = 20s;
    const auto answer = client_.send(call);
    if (!answer) return false;  // killed, or not there yet
    if (answer->status == 200) return true;
    const auto problem = parse_json(answer->body, "problem");
    const Value* const again = problem ? problem->find("retryable") : nullptr;
    const bool is_told_to = again != nullptr && again->is_bool() && again->as_bool();
    if (is_told_to && !answer->field("Retry-After").empty()) {
      board_.note_refusal();
    } else {
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

}  // namespace

void Board::set(std::size_t server, std::string url) {
  const std::lock_guard lock(mutex_);
  urls_.at(server) = std::move(url);
}

std::string Board::url(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  return urls_.at(server);
}

void Board::acknowledge(const std::vector<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  acknowledged_.insert(ids.begin(), ids.end());
}

void Board::complain(const std::string& about) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(about);
}

std::set<std::string> Board::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::vector<std::string> Board::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

void EventWriters::begin(std::size_t writers) {
  for (std::size_t i = 0; i < writers; ++i) {
    threads_.emplace_back(
        [this, i](const std::stop_token& stop) { Writer(board_, token_, seed_ + i).work(stop); });
  }
}

void EventWriters::wait_for_more(std::size_t events, std::chrono::seconds patience) const {
  const std::size_t wanted = board_.acknowledged().size() + events;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (board_.acknowledged().size() < wanted) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline)
        << board_.acknowledged().size() << " of " << wanted << " were answered for";
    std::this_thread::sleep_for(10ms);
  }
}

void expect_whole(const Board& board, store::Store& store, std::string_view origin) {
  EXPECT_EQ(board.complaints(), std::vector<std::string>{});
  const SystemClock clock;
  SystemRandom random;
  ledger::LedgerOptions options;
  if (!origin.empty()) options.origin = origin;
  const auto log = ledger::Ledger::open(store, clock, random, std::move(options)).value();
  ASSERT_TRUE(log->sequence());
  if (origin.empty()) {
    const auto report = log->verify({});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->pending, 0u);
  }
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
  const std::set<std::string> promised = board.acknowledged();
  for (const std::string& id : promised) EXPECT_EQ(times[id], 1) << id;
  std::cout << "[   events ] " << promised.size() << " were answered for, " << times.size()
            << " are there, " << board.refusals() << " times somebody was told to ask again\n";
  EXPECT_GE(times.size(), promised.size());
}

}  // namespace writ::chaos
