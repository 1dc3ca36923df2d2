// Decision logs of a whole server: what is asked over HTTP is in the log.
#include "server/decisions/decisions.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "net/client.h"
#include "server/decisions/testing/log_service.h"
#include "server/writ_server.h"
#include "store/open.h"

namespace writ::server {
namespace {

using net::Method;
using testing::LogService;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kPolicy = R"(package app

default allow := false

allow if input.user == "ada"

conflict := 1

conflict := 2 if input.both

users := {input.user, "root"}

dice := rand.intn("x", 6)
)";

class DecisionsTest : public ::testing::Test {
 protected:
  DecisionsTest() {
    directory_.write("app.rego", kPolicy);
    decisions_.buffer.store = url();
    decisions_.buffer.flush = Flush::each;
  }

  std::string url() const { return "sqlite:" + (directory_.path() / "decisions.db").string(); }

  void start() {
    WritServerOptions options;
    options.addresses = {"127.0.0.1:0"};
    options.policy.directory = directory_.path();
    options.policy.files = {directory_.path()};
    options.policy.loading.ignored = {"*.db*"};
    options.version = "7.8.9";
    options.policy.config.labels = {{"app", "demo"}};
    options.policy.config.decision_logs = decisions_;
    auto started = WritServer::start(options, clock_, random_);
    ASSERT_TRUE(started) << started.error().text();
    server_ = std::move(*started);
  }
  void stop() { server_.reset(); }

  net::Response call(Method method, const std::string& path, std::string body = {},
                     Fields fields = {}) {
    net::Call call;
    call.method = method;
    call.url = "http://" + server_->addresses().front() + path;
    call.body = std::move(body);
    call.fields = std::move(fields);
    auto response = client_.send(call);
    EXPECT_TRUE(response) << response.error().text();
    return response ? std::move(*response) : net::Response{};
  }
  Value said(Method method, const std::string& path, std::string body = {}, Fields fields = {}) {
    const auto value = parse_json(call(method, path, std::move(body), std::move(fields)).body);
    EXPECT_TRUE(value);
    return value ? *value : Value();
  }

  // What the buffer holds; while the server runs, too.
  std::vector<Value> kept() const {
    std::vector<Value> out;
    auto store = store::open(url());
    EXPECT_TRUE(store);
    auto buffer = DecisionBuffer::open(std::move(*store));
    EXPECT_TRUE(buffer);
    const auto events = (*buffer)->oldest(1u << 24);
    EXPECT_TRUE(events);
    for (const KeptEvent& event : *events) {
      auto value = parse_json(event.text);
      EXPECT_TRUE(value) << event.text;
      if (value) out.push_back(std::move(*value));
    }
    return out;
  }
  Value only_event() const {
    const std::vector<Value> all = kept();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Value() : all.front();
  }
  static std::string text(const Value& event, std::string_view member) {
    const Value* const found = event.find(member);
    return found == nullptr ? "absent" : to_json(*found);
  }
  // A line of /metrics.
  std::string metric(const std::string& name) {
    const std::string all = "\n" + call(Method::GET, "/metrics").body;
    const std::size_t at = all.find("\n" + name + " ");
    if (at == std::string::npos) return "absent";
    return all.substr(at + 1 + name.size() + 1, all.find('\n', at + 1) - at - name.size() - 2);
  }

  TemporaryDirectory directory_;
  DecisionLogOptions decisions_;
  SystemClock clock_;
  SystemRandom random_;
  net::Client client_{clock_, random_};
  std::unique_ptr<WritServer> server_;
};

TEST_F(DecisionsTest, AnEventHasOpasShapeAndTheIdOfTheAnswer) {
  decisions_.headers = {"X-Tenant"};
  start();
  const Value answer =
      said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})",
           {{"X-Tenant", "t1"},
            {"X-Correlation-Id", "order-7"},
            {"X-Thread-Id", "talk-3"},
            {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  const Value event = only_event();
  EXPECT_EQ(text(answer, "result"), "true");
  EXPECT_EQ(text(event, "decision_id"), text(answer, "decision_id"));
  EXPECT_EQ(text(event, "decision_id").size(), 38u);
  EXPECT_EQ(text(event, "path"), R"("app/allow")");
  EXPECT_EQ(text(event, "input"), R"({"user":"ada"})");
  EXPECT_EQ(text(event, "result"), "true");
  EXPECT_EQ(text(event, "req_id"), "1");
  EXPECT_EQ(event.find("labels")->string_or("app", ""), "demo");
  EXPECT_EQ(event.find("labels")->string_or("version", ""), "7.8.9");
  EXPECT_EQ(text(event, "correlation_id"), R"("order-7")");
  EXPECT_EQ(text(event, "thread_id"), R"("talk-3")");
  EXPECT_EQ(text(event, "trace_id"), R"("0af7651916cd43dd8448eb211c80319c")");
  EXPECT_EQ(text(event, "span_id"), R"("b7ad6b7169203331")");
  EXPECT_EQ(text(event, "request_context"), R"({"http":{"headers":{"X-Tenant":["t1"]}}})");
  EXPECT_TRUE(event.string_or("requested_by", "").starts_with("127.0.0.1:"));
  EXPECT_TRUE(parse_rfc3339(event.string_or("timestamp", "")));
  EXPECT_GT(event.find("metrics")->integer_or("timer_server_handler_ns", 0), 0);
  EXPECT_EQ(text(event, "error"), "absent");
  EXPECT_EQ(text(event, "nd_builtin_cache"), "absent");
}

TEST_F(DecisionsTest, ABrokenTraceParentIsNoTrace) {
  start();
  said(Method::POST, "/v1/data/app/allow", "{}",
       {{"traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"}});
  EXPECT_EQ(text(only_event(), "trace_id"), "absent");
}

TEST_F(DecisionsTest, EveryWayToAskIsLogged) {
  start();
  said(Method::GET, "/v1/data/app/allow?input=%7B%22user%22%3A%22eve%22%7D");
  EXPECT_EQ(call(Method::POST, "/v0/data/app/allow", R"({"user":"ada"})").body, "true\n");
  EXPECT_EQ(call(Method::POST, "/v0/data/app/nothing", "{}").status, 404);
  said(Method::POST, "/v1/query", R"({"query":"x = data.app.users[_]","input":{"user":"ada"}})");
  const Value refused = said(Method::POST, "/v1/data/app/conflict", R"({"input":{"both":true}})");
  EXPECT_EQ(refused.string_or("code", ""), "internal_error");
  const std::vector<Value> events = kept();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(text(events[0], "input") + text(events[0], "result"), R"({"user":"eve"}false)");
  EXPECT_EQ(text(events[1], "path") + text(events[1], "result"), R"("app/allow"true)");
  EXPECT_EQ(text(events[2], "path") + text(events[2], "result"), R"("app/nothing"absent)");
  EXPECT_EQ(text(events[3], "query"), R"("x = data.app.users[_]")");
  EXPECT_EQ(text(events[3], "result"), R"([{"x":"ada"},{"x":"root"}])");
  EXPECT_EQ(text(events[3], "path"), "absent");
  EXPECT_EQ(events[4].find("error")->string_or("code", ""), "eval_conflict_error");
  EXPECT_EQ(events[4].at_path({"error", "location", "file"})->as_string(), "app.rego");
}

TEST_F(DecisionsTest, WhatRemainsOfAQueryIsLoggedToo) {
  start();
  said(Method::POST, "/v1/compile",
       R"({"query":"data.app.allow == true","input":{"n":1},"unknowns":["input.user"]})");
  call(Method::POST, "/v1/compile/app/allow", R"({"unknowns":["input.rows"]})",
       {{"Accept", "application/vnd.opa.sql.sqlite+json"}});
  EXPECT_EQ(call(Method::POST, "/v1/compile", R"({"query":"data.app."})").status, 400);
  const std::vector<Value> events = kept();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(text(events[0], "query"), R"("data.app.allow == true")");
  EXPECT_EQ(text(events[0], "input"), R"({"n":1})");
  EXPECT_TRUE(text(events[0], "result").starts_with(R"({"queries":[[)"))
      << text(events[0], "result");
  EXPECT_EQ(text(events[1], "path"), R"("app/allow")");
  EXPECT_EQ(text(events[1], "input"), "absent");
  EXPECT_EQ(text(events[1], "result"), "{}");
}

TEST_F(DecisionsTest, WhatChanceSaidIsKeptWhereAsked) {
  decisions_.nd_builtin_cache = true;
  start();
  const Value answer = said(Method::POST, "/v1/data/app/dice", R"({"input":{}})");
  EXPECT_EQ(text(only_event(), "nd_builtin_cache"),
            R"({"rand.intn":{"[\"x\",6]":)" + text(answer, "result") + "}}");
}

TEST_F(DecisionsTest, MasksEraseAndReplaceBeforeAnythingIsKept) {
  directory_.write("mask.rego", R"(package system.log

mask contains "/input/password"

mask contains "/input/nowhere"

mask contains {"op": "upsert", "path": "/input/ssn", "value": "***"}

mask contains {"op": "remove", "path": "/result/0"} if input.path == "app/users"
)");
  start();
  said(Method::POST, "/v1/data/app/users",
       R"({"input":{"user":"ada","password":"s3cret","ssn":"078-05-1120"}})");
  const Value event = only_event();
  EXPECT_EQ(text(event, "input"), R"({"ssn":"***","user":"ada"})");
  EXPECT_EQ(text(event, "result"), R"(["root"])");
  EXPECT_EQ(text(event, "erased"), R"(["/input/password","/result/0"])");
  EXPECT_EQ(text(event, "masked"), R"(["/input/ssn"])");
}

TEST_F(DecisionsTest, AMaskThatFailsHidesEverything) {
  directory_.write("mask.rego", R"(package system.log

mask := {"/input/password"} if input.input.user

mask := {"/input/other"} if input.input.user
)");
  start();
  const Value answer =
      said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada","password":"s3cret"}})");
  EXPECT_EQ(text(answer, "result"), "true");
  const Value event = only_event();
  EXPECT_EQ(text(event, "input") + text(event, "result"), "absentabsent");
  EXPECT_EQ(text(event, "erased"), R"(["/input","/result"])");
  EXPECT_TRUE(event.string_or("mask_error", "")
                  .starts_with("the mask policy failed: eval_conflict_error at mask.rego:"));
  EXPECT_EQ(to_json(event).find("s3cret"), std::string::npos);
  EXPECT_EQ(metric("writ_decision_logs_mask_failure_total"), "1");
}

TEST_F(DecisionsTest, AMaskThatNamesNoPlaceHidesEverything) {
  directory_.write("mask.rego", "package system.log\n\nmask contains \"/labels/app\"\n");
  start();
  said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})");
  const Value event = only_event();
  EXPECT_EQ(text(event, "input"), "absent");
  EXPECT_EQ(event.string_or("mask_error", ""),
            "a mask must be a path below /input, /result or /nd_builtin_cache");
}

TEST_F(DecisionsTest, DropPoliciesKeepEventsOutUnderTheNameThatIsConfigured) {
  decisions_.drop_decision = {"logs", "skip"};
  directory_.write("drop.rego", "package logs\n\nskip if input.input.user == \"probe\"\n");
  start();
  said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"probe"}})");
  said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})");
  EXPECT_EQ(text(only_event(), "input"), R"({"user":"ada"})");
  EXPECT_EQ(metric("writ_decision_logs_dropped_by_policy_total"), "1");
}

TEST_F(DecisionsTest, EachAnswerThatLeftHasItsEventOnDisk) {
  start();
  for (std::size_t i = 1; i <= 5; ++i) {
    said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})");
    EXPECT_EQ(kept().size(), i);
  }
}

TEST_F(DecisionsTest, AnOrderlyEndWritesWhatIsQueued) {
  decisions_.buffer.flush = Flush::interval;
  decisions_.buffer.flush_interval = std::chrono::minutes(10);
  start();
  said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})");
  EXPECT_EQ(kept().size(), 0u);
  stop();
  EXPECT_EQ(text(only_event(), "result"), "true");
}

TEST_F(DecisionsTest, WhatFindsNoRoomIsDroppedAndCounted) {
  decisions_.buffer.flush = Flush::interval;
  decisions_.buffer.flush_interval = std::chrono::minutes(10);
  decisions_.buffer.queue_bytes = 1;
  decisions_.buffer.when_full = WhenFull::drop;
  start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        text(said(Method::POST, "/v1/data/app/allow", "{\"input\":{\"user\":\"ada\"}}"), "result"),
        "true");
  }
  EXPECT_EQ(metric("writ_decision_logs_dropped_buffer_size_limit_exceeded_total"), "2");
  const Value status = said(Method::GET, "/v1/status");
  EXPECT_EQ(to_json(*status.at_path({"result", "decision_logs", "metrics",
                                     "counter_decision_logs_dropped_buffer_size_limit_exceeded"})),
            "2");
  EXPECT_EQ(to_json(*status.at_path({"result", "plugins", "decision_logs"})), R"({"state":"OK"})");
  stop();
  EXPECT_EQ(kept().size(), 1u);
}

TEST_F(DecisionsTest, WhatFindsNoRoomWaitsWhereNothingMayBeLost) {
  decisions_.buffer.flush = Flush::interval;
  decisions_.buffer.flush_interval = std::chrono::milliseconds(5);
  decisions_.buffer.queue_bytes = 1;
  start();
  for (int i = 0; i < 20; ++i) {
    said(Method::POST, "/v1/data/app/allow",
         "{\"input\":{\"user\":\"u" + std::to_string(i) + "\"}}");
  }
  EXPECT_EQ(metric("writ_decision_logs_dropped_buffer_size_limit_exceeded_total"), "0");
  stop();
  const std::vector<Value> events = kept();
  ASSERT_EQ(events.size(), 20u);
  EXPECT_EQ(text(events[19], "input"), R"({"user":"u19"})");
}

TEST_F(DecisionsTest, UploadsInOrderHoweverOftenTheServiceRefuses) {
  LogService service(3);
  decisions_.service = "control";
  decisions_.resource = "/logs/eu";
  decisions_.destination.url = service.url();
  decisions_.destination.bearer_token = "t0ken";
  decisions_.reporting.min_delay = decisions_.reporting.max_delay = std::chrono::milliseconds(2);
  start();
  for (int i = 0; i < 30; ++i) {
    said(Method::POST, "/v1/data/app/allow", "{\"input\":{\"n\":" + std::to_string(i) + "}}");
  }
  const std::vector<Value> events = service.wait_for_events(30);
  ASSERT_EQ(events.size(), 30u);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(text(events[i], "input"), "{\"n\":" + std::to_string(i) + "}");
  }
  EXPECT_EQ(service.refused(), 3);
  const LogService::Upload first = service.uploads().front();
  EXPECT_EQ(first.path, "/logs-api/logs/eu");
  EXPECT_EQ(first.encoding, "gzip");
  EXPECT_EQ(first.authorization, "Bearer t0ken");
  // The service has them; soon the server knows.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (metric("writ_decision_logs_buffer_events") != "0" &&
         std::chrono::steady_clock::now() < deadline) {
  }
  stop();
  EXPECT_EQ(kept().size(), 0u);
}

TEST_F(DecisionsTest, WhatWasNotTakenIsUploadedByTheNextProcess) {
  LogService service(1'000'000);
  decisions_.service = "control";
  decisions_.resource = "/logs";
  decisions_.destination.url = service.url();
  decisions_.reporting.min_delay = decisions_.reporting.max_delay = std::chrono::milliseconds(2);
  start();
  for (int i = 0; i < 10; ++i) {
    said(Method::POST, "/v1/data/app/allow", "{\"input\":{\"n\":" + std::to_string(i) + "}}");
  }
  stop();
  EXPECT_EQ(kept().size(), 10u);
  EXPECT_TRUE(service.events().empty());
  service.refuse_next(2);
  start();
  const std::vector<Value> events = service.wait_for_events(10);
  ASSERT_EQ(events.size(), 10u);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(text(events[i], "input"), "{\"n\":" + std::to_string(i) + "}");
  }
}

TEST_F(DecisionsTest, WhatIsOnlyInMemoryIsUploadedAtTheEnd) {
  LogService service;
  decisions_.buffer.store.clear();
  decisions_.service = "control";
  decisions_.resource = "/logs";
  decisions_.destination.url = service.url();
  start();
  said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})");
  stop();
  ASSERT_EQ(service.events().size(), 1u);
  EXPECT_EQ(text(service.events()[0], "input"), R"({"user":"ada"})");
}

TEST_F(DecisionsTest, WithoutALogNothingIsAddedToAnswers) {
  WritServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  options.policy.directory = directory_.path();
  options.policy.files = {directory_.path()};
  auto started = WritServer::start(options, clock_, random_);
  ASSERT_TRUE(started) << started.error().text();
  server_ = std::move(*started);
  EXPECT_EQ(call(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})").body,
            "{\"result\":true}\n");
  EXPECT_EQ(metric("writ_decision_logs_logged_total"), "absent");
}

TEST_F(DecisionsTest, AServiceWithoutAUrlIsRefused) {
  decisions_.service = "control";
  const auto opened = Decisions::open(decisions_, {}, clock_, random_, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "decision_logs: service control has no url");
}

}  // namespace
}  // namespace writ::server
