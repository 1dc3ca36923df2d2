// The log over HTTP, held to the contract.
#include "server/events/event_operations.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <semaphore>
#include <vector>

#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "base/testing/temporary_directory.h"
#include "crypto/key.h"
#include "ledger/erase.h"
#include "ledger/event_types.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"

namespace writ::server {
namespace {

using net::Method;
using testing::Ask;
using testing::ask_json;

constexpr const char* kPath = "/writ/v1/events";
constexpr const char* kBatch = "application/cloudevents-batch+json";

std::string event(int number, const std::string& more = "") {
  return R"({"specversion":"1.0","id":")" + std::to_string(number) +
         R"(","source":"/shop","type":"shop.order.placed","subject":"order/)" +
         std::to_string(number) + R"(","data":{"n":)" + std::to_string(number) + "}" + more + "}";
}

class EventsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ProjectOptions store;
    store.store_url = "memory:";
    store.directory = directory_.path();
    auto opened = ProjectSide::open(store, clock_, random_);
    ASSERT_TRUE(opened) << opened.error().text();
    side_ = *std::move(opened);
    auto described = contract::Description::own();
    ASSERT_TRUE(described) << described.error().text();
    description_.emplace(*std::move(described));
    identity::Caller writer;
    writer.id.uuid = Uuid::v5(kWritNamespace, "writer");
    writer.credential = "api_key/1";
    writer.scopes = {"events:read", "events:write"};
    door_.add("writer", writer);
    identity::Caller reader = writer;
    reader.scopes = {"events:read"};
    door_.add("reader", reader);
    ApiOptions options{.description = *description_, .clock = clock_, .random = random_};
    options.doorkeeper = &door_;
    options.families = {"events"};
    options.checks_answers = true;
    tail_ = std::make_shared<EventTail>(side_->ledger(), clock_);
    auto api = Api::build(event_operations({*side_, clock_, tail_}), std::move(options));
    ASSERT_TRUE(api) << api.error().text();
    api_ = *std::move(api);
    caller_.emplace(api_->routes());
  }

  Value get(const std::string& target) const {
    const net::Response response = caller_->send({.target = target, .fields = fields("reader")});
    EXPECT_EQ(response.status, 200) << response.body;
    return parse_json(response.body).value();
  }
  std::string post(const std::string& body, const std::string& type = "application/json",
                   const std::string& who = "writer") const {
    auto with = fields(who);
    with.emplace_back("Content-Type", type);
    return caller_->said({Method::POST, kPath, body, with});
  }
  void sequence() const { ASSERT_TRUE(side_->ledger().sequence()); }
  void append(int first, int last) const {
    std::string batch;
    for (int i = first; i < last; ++i) batch += (batch.empty() ? "" : ",") + event(i);
    const std::string said = post("[" + batch + "]", kBatch);
    ASSERT_TRUE(said.starts_with("200 ")) << said;
    sequence();
  }
  std::string refused(const std::string& body, const std::string& type = "application/json") const {
    const std::string said = post(body, type);
    const auto problem = parse_json(std::string_view(said).substr(4));
    return said.substr(0, 4) + std::string(problem ? problem->string_or("detail", "") : "");
  }
  static testing::Fields fields(const std::string& who) {
    return {{"Authorization", "Bearer " + who}};
  }
  static std::vector<std::string> subjects(const Value& list) {
    std::vector<std::string> out;
    for (const Value& one : list.find("events")->as_array()) {
      out.emplace_back(one.string_or("subject", ""));
    }
    return out;
  }

  TemporaryDirectory directory_;
  FakeClock clock_;
  FakeRandom random_;
  std::unique_ptr<ProjectSide> side_;
  std::optional<contract::Description> description_;
  std::shared_ptr<EventTail> tail_;
  testing::KnownCallers door_;
  std::unique_ptr<Api> api_;
  std::optional<testing::ApiCaller> caller_;
};

using Subjects = std::vector<std::string>;

TEST_F(EventsTest, AreReadByFilterAndCursor) {
  append(1, 6);
  const Value first = get(std::string(kPath) + "?limit=2");
  EXPECT_EQ(subjects(first), (Subjects{"order/1", "order/2"}));
  EXPECT_EQ(first.find("next")->as_integer(), 2);
  const Value rest = get(std::string(kPath) + "?after=2&limit=100");
  EXPECT_EQ(subjects(rest), (Subjects{"order/3", "order/4", "order/5"}));
  EXPECT_EQ(rest.find("next"), nullptr);
  EXPECT_EQ(subjects(get(std::string(kPath) + "?subject=order/4")), (Subjects{"order/4"}));
  EXPECT_EQ(subjects(get(std::string(kPath) + "?type=shop.&text=%22n%22%3A5")),
            (Subjects{"order/5"}));
  EXPECT_EQ(subjects(get(std::string(kPath) + "?to=2001-01-01T00:00:00Z")), Subjects{});
}

TEST_F(EventsTest, RefuseParametersThatAreNone) {
  const auto said = [&](const std::string& query) {
    const auto response =
        caller_->send({.target = std::string(kPath) + query, .fields = fields("reader")});
    return std::to_string(response.status) + " " +
           std::string(parse_json(response.body).value().string_or("code", ""));
  };
  EXPECT_EQ(said("?limit=1001"), "400 invalid_input");
  EXPECT_EQ(said("?after=-1"), "400 invalid_input");
  EXPECT_EQ(said("?run=latest"), "400 invalid_input");
  EXPECT_EQ(said("?from=yesterday"), "400 invalid_input");
  EXPECT_EQ(said("?colour=red"), "400 invalid_input");
  EXPECT_EQ(said("/nonsense"), "404 not_found");
}

TEST_F(EventsTest, AreTakenOnceHoweverOftenTheyAreSent) {
  const std::string first = post(event(1));
  EXPECT_TRUE(first.starts_with(R"(200 {"ids":[")")) << first;
  sequence();
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(post(event(1)), first);
  EXPECT_EQ(post("[" + event(1) + "," + event(1) + "]", kBatch).size(), first.size() + 39);
  sequence();
  EXPECT_EQ(subjects(get(kPath)), (Subjects{"order/1"}));
  EXPECT_TRUE(refused(event(1, R"(,"writthread":"other")")).starts_with("409 "));
}

TEST_F(EventsTest, SayWhoSentThem) {
  append(1, 2);
  const Value list = get(kPath);
  EXPECT_EQ(list.find("events")->as_array().front().string_or("writactor", ""),
            "principal:" + Uuid::v5(kWritNamespace, "writer").text());
}

TEST_F(EventsTest, AreRefusedInTheNameOfOthers) {
  EXPECT_EQ(refused(event(1, R"(,"writactor":"principal:018f3c9e-7a10-7c3e-9d2b-5f1e6a7b8c9d")")),
            "403 the event names another principal as its actor");
  for (const std::string actor : {"key:0011", "system", "local"}) {
    EXPECT_EQ(refused(event(1, R"(,"writactor":")" + actor + "\"")),
              "403 the event names another principal as its actor")
        << actor;
  }
  EXPECT_EQ(
      refused(R"({"specversion":"1.0","id":"1","source":"/shop","type":"writ.user.created"})"),
      "403 only Writ itself writes events of type `writ.…` or source `writ:…`");
  EXPECT_EQ(refused(event(1, R"(,"writrun":"018f3c9e-7a10-7c3e-9d2b-5f1e6a7b8c9d","writseq":"1")")),
            "403 only a run itself writes events of a run");
  sequence();
  EXPECT_EQ(subjects(get(kPath)), Subjects{});
}

TEST_F(EventsTest, OfABatchAreTakenAllOrNone) {
  const std::string second = R"({"specversion":"1.0","id":"2","source":"writ:me","type":"a.b"})";
  EXPECT_EQ(refused("[" + event(1) + "," + second + "]", kBatch),
            "403 event 1: only Writ itself writes events of type `writ.…` or source `writ:…`");
  EXPECT_TRUE(refused("[]", kBatch).starts_with("400 "));
  sequence();
  EXPECT_EQ(subjects(get(kPath)), Subjects{});
}

TEST_F(EventsTest, AskForTheScope) {
  const std::string said = post(event(1), "application/json", "reader");
  EXPECT_TRUE(said.starts_with("403 ")) << said;
  EXPECT_NE(said.find("the credential does not have the scope: events:write"), std::string::npos);
}

TEST_F(EventsTest, AreProvedUnderASignedHead) {
  const auto ids = parse_json(post(event(1)).substr(4));
  const std::string id = ids->find("ids")->as_array().front().as_string();
  sequence();
  const Ask head{.target = "/writ/v1/checkpoint", .fields = fields("reader")};
  EXPECT_NE(caller_->said(head).find("no head of the log is signed yet"), std::string::npos);
  const auto key = crypto::SecretKey::from_seed(std::string(32, 'k')).value();
  const auto signed_head = side_->ledger().checkpoint(key);
  ASSERT_TRUE(signed_head) << signed_head.error().text();

  const Value shown = get("/writ/v1/checkpoint");
  EXPECT_EQ(shown.find("size")->as_integer(), 1);
  EXPECT_EQ(shown.string_or("note", ""), signed_head->note);
  Ask proof{.target = std::string(kPath) + "/" + id + "/proof", .fields = fields("reader")};
  proof.fields.emplace_back("Accept", "text/plain");
  const net::Response text = caller_->send(proof);
  ASSERT_EQ(text.status, 200) << text.body;
  EXPECT_EQ(text.body, get(proof.target).string_or("proof", ""));
  const auto receipt = ledger::parse_receipt(text.body);
  const auto known = side_->ledger().get(EventId::parse(id).value());
  ASSERT_TRUE(receipt && known);
  EXPECT_TRUE(ledger::verify_receipt(*known, *receipt, {&key.public_key(), 1}));
  EXPECT_EQ(get(std::string(kPath) + "/" + id).string_or("subject", ""), "order/1");
}

// This server shares a store, and no project: there is no key that it could sign with.
TEST_F(EventsTest, AreSignedWhereThereIsAKeyAlone) {
  append(1, 2);
  const Ask sign{
      .method = net::Method::POST, .target = "/writ/v1/checkpoint", .fields = fields("writer")};
  const std::string said = caller_->said(sign);
  EXPECT_TRUE(said.starts_with("501 ")) << said;
  EXPECT_NE(said.find("no key of a project"), std::string::npos) << said;
  Ask reader = sign;
  reader.fields = fields("reader");
  EXPECT_NE(caller_->said(reader).find("does not have the scope: events:write"), std::string::npos);
}

TEST_F(EventsTest, ComeAsTheyHappenAndGoOnWhereAConnectionBroke) {
  append(1, 3);
  Ask ask{.target = std::string(kPath) + "/stream?subject=order/", .fields = fields("reader")};
  auto stream = caller_->subscribe(ask);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->head.content_type, "text/event-stream");
  const std::string before = stream->next().value().bytes;
  EXPECT_TRUE(before.starts_with("id: 0\ndata: {")) << before;
  EXPECT_NE(before.find("\n\nid: 1\n"), std::string::npos) << before;
  EXPECT_EQ(stream->next().value().bytes, "");
  append(3, 4);
  EXPECT_TRUE(stream->next().value().bytes.starts_with("id: 2\n"));

  ask.fields.emplace_back("Last-Event-ID", "1");
  auto again = caller_->subscribe(ask);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->next().value().bytes.starts_with("id: 2\n"));
  EXPECT_EQ(again->next().value().bytes, "");
}

TEST_F(EventsTest, AreFollowedForFiveMinutesAndThenOnceMoreAskedFor) {
  append(1, 2);
  auto stream = caller_->subscribe(
      {.target = std::string(kPath) + "/stream?subject=order/", .fields = fields("reader")});
  ASSERT_TRUE(stream);
  EXPECT_FALSE(stream->next().value().is_last);
  clock_.advance(std::chrono::minutes(5));
  append(2, 3);
  const net::Subscription::News last = stream->next().value();
  EXPECT_TRUE(last.is_last);
  EXPECT_TRUE(last.bytes.starts_with("id: 1\n")) << last.bytes;
}

TEST_F(EventsTest, AreFollowedPastManyThatAreLeftOut) {
  append(1, 300);
  auto stream = caller_->subscribe(
      {.target = std::string(kPath) + "/stream?subject=order/299", .fields = fields("reader")});
  ASSERT_TRUE(stream);
  std::string bytes = stream->next().value().bytes;
  EXPECT_EQ(bytes, ":\n\n") << "there may be more";
  for (int i = 0; i < 300 && bytes == ":\n\n"; ++i) bytes = stream->next().value().bytes;
  EXPECT_TRUE(bytes.starts_with("id: 298\n")) << bytes;
  EXPECT_EQ(stream->next().value().bytes, "");
}

TEST_F(EventsTest, OfOneRunAreFollowedWithoutALookAtAllOthers) {
  append(1, 300);
  const RunId run{Uuid::v5(kWritNamespace, "run")};
  const auto add = [&](std::uint64_t seq) {
    ledger::Entry entry;
    entry.id.uuid = Uuid::v5(kWritNamespace, "event " + std::to_string(seq));
    entry.type = "writ.step.waiting";
    entry.source = "writ:project/test";
    entry.subject = "run/" + run.text();
    entry.time = clock_.wall();
    entry.run = run;
    entry.seq = seq;
    entry.payload = "{}";
    ASSERT_TRUE(
        side_->store().write([&](store::Tx& tx) { return side_->ledger().append(tx, entry); }));
    sequence();
  };
  add(1);
  append(300, 310);
  auto stream = caller_->subscribe(
      {.target = std::string(kPath) + "/stream?run=" + run.text(), .fields = fields("reader")});
  ASSERT_TRUE(stream);
  const std::string first = stream->next().value().bytes;
  EXPECT_TRUE(first.starts_with("id: 299\n")) << first;
  add(2);
  std::string bytes = ":\n\n";
  for (int i = 0; i < 30 && bytes == ":\n\n"; ++i) bytes = stream->next().value().bytes;
  EXPECT_TRUE(bytes.starts_with("id: 310\n")) << bytes;
  EXPECT_EQ(bytes.find("id: 299\n"), std::string::npos) << bytes;
  EXPECT_EQ(stream->next().value().bytes, "");
}

using Places = std::vector<std::uint64_t>;

class EventTailTest : public EventsTest {
 protected:
  Places read(std::uint64_t cursor, std::size_t limit = 100) const {
    const auto events = tail_->read(cursor, limit);
    EXPECT_TRUE(events);
    Places out;
    for (const auto& event : events.value_or(EventTail::Events())) {
      out.push_back(event->index.value_or(99));
    }
    return out;
  }
};

TEST_F(EventTailTest, HasWhatFollowsACursorWhereverThatIs) {
  append(1, 6);
  EXPECT_EQ(read(3), (Places{3, 4}));
  EXPECT_EQ(read(0), (Places{0, 1, 2, 3, 4})) << "before what it keeps";
  EXPECT_EQ(read(4, 1), Places{4});
  EXPECT_EQ(read(3, 1), Places{3});
  EXPECT_EQ(read(5), Places());
  EXPECT_EQ(read(1'000'000), Places()) << "what nobody has yet";
  append(6, 7);
  EXPECT_EQ(read(5), Places{5});
  EXPECT_EQ(read(2), (Places{2, 3, 4, 5}));
}

TEST_F(EventTailTest, AsksTheLogWhenItWasToldOfNewsAndAfterAWhile) {
  append(1, 3);
  tail_->note_news();
  EXPECT_EQ(read(0), (Places{0, 1}));
  append(3, 4);
  EXPECT_EQ(read(2), Places()) << "it was not told";
  tail_->note_news();
  EXPECT_EQ(read(2), Places{2});
  append(4, 5);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(read(3), Places{3});
}

ledger::Filter about(std::string subject) {
  ledger::Filter filter;
  filter.subject = std::move(subject);
  return filter;
}

TEST_F(EventTailTest, KnowsWhomNewsConcernBeforeTheyAskTheLog) {
  std::binary_semaphore woken(0);
  tail_->start([&] { woken.release(); });
  const EventTail::Following following(*tail_);
  append(1, 3);
  tail_->note_news();
  woken.acquire();
  std::uint64_t of_one = 0;
  std::uint64_t of_none = 0;
  EXPECT_TRUE(tail_->may_have(about("order/2"), of_one));
  EXPECT_EQ(of_one, 1u) << "past what is another's";
  EXPECT_FALSE(tail_->may_have(about("order/7"), of_none));
  EXPECT_EQ(of_none, 2u);
  append(3, 8);
  EXPECT_FALSE(tail_->may_have(about("order/7"), of_none)) << "nobody has told of it";
  tail_->note_news();
  woken.acquire();
  EXPECT_TRUE(tail_->may_have(about("order/7"), of_none));
  EXPECT_EQ(of_none, 6u);
  tail_->stop();
}

TEST_F(EventTailTest, LeavesMoreThanOneReadingToWhoFollows) {
  std::binary_semaphore woken(0);
  tail_->start([&] { woken.release(); });
  const EventTail::Following following(*tail_);
  append(1, 700);
  tail_->note_news();
  woken.acquire();
  std::uint64_t cursor = 0;
  std::size_t seen = 0;
  while (tail_->may_have(about("none"), cursor)) {
    const Places next = read(cursor, 32);
    ASSERT_FALSE(next.empty()) << cursor;
    cursor = next.back() + 1;
    ++seen;
  }
  EXPECT_EQ(cursor, 699u);
  EXPECT_GT(seen, 1u);
  tail_->stop();
}

TEST_F(EventTailTest, HasAllOfAMultitude) {
  append(1, 700);
  tail_->note_news();
  Places seen;
  for (std::uint64_t cursor = 0; cursor < 699;) {
    const Places next = read(cursor, 32);
    ASSERT_FALSE(next.empty()) << cursor;
    seen.insert(seen.end(), next.begin(), next.end());
    cursor = next.back() + 1;
  }
  Places all(699);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(seen, all);
}

TEST_F(EventTailTest, DoesNotKeepWhatWasErased) {
  append(1, 3);
  tail_->note_news();
  EXPECT_EQ(read(0), (Places{0, 1}));
  const auto events = side_->ledger().list({});
  ASSERT_TRUE(events);
  const ledger::Event& event = events->front();
  ledger::Entry because;
  because.id.uuid = Uuid::v5(kWritNamespace, "erasure");
  because.type = ledger::kPayloadErased;
  because.source = event.entry.source;
  because.subject = ledger::erased_subject(event.entry.id);
  because.time = clock_.wall();
  because.payload = "{}";
  ASSERT_TRUE(side_->store().write([&](store::Tx& tx) {
    return ledger::erase_payload(side_->ledger(), tx, event.entry.id, because);
  }));
  sequence();
  tail_->note_news();
  EXPECT_EQ(read(2), Places{2}) << "the event of the erasure";
  const auto again = tail_->read(0, 1);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->front()->payload_state, ledger::Event::Payload::erased);
  EXPECT_EQ(again->front()->entry.payload, "");
}

}  // namespace
}  // namespace writ::server
