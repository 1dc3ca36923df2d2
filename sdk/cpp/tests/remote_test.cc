// Decisions of a server: a real one, and ones that misbehave.
#include <gtest/gtest.h>

#include <writ/sdk/remote.h>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/testing/temporary_directory.h"
#include "net/testing/served.h"
#include "sample_policy.h"
#include "server/writ_server.h"

namespace writ::sdk {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<RemoteDecider> opened(const std::string& url) {
  auto decider = RemoteDecider::open({.url = url, .token = "the token"});
  EXPECT_TRUE(decider) << decider.error().text();
  return decider ? std::move(*decider) : nullptr;
}

class SdkRemote : public ::testing::Test {
 protected:
  SdkRemote() {
    server::WritServerOptions options;
    socket_ = "unix:" + (directory_.path() / "s").string();
    options.addresses = {"127.0.0.1:0", socket_};
    options.policy.files = {directory_.write("app.rego", kPolicy)};
    options.policy.directory = directory_.path();
    auto started = server::WritServer::start(options, clock_, random_);
    EXPECT_TRUE(started) << started.error().text();
    server_ = std::move(*started);
    decider_ = opened("http://" + server_->addresses().at(0) + "/");
  }
  SystemClock clock_;
  SystemRandom random_;
  TemporaryDirectory directory_;
  std::string socket_;
  std::unique_ptr<server::WritServer> server_;
  std::unique_ptr<RemoteDecider> decider_;
};

TEST_F(SdkRemote, TellsUndefinedFalseAndErrorApart) {
  const Value chief = Object{{"role", "chief"}, {"torn", true}};
  const Value nurse = Object{{"role", "nurse"}};
  EXPECT_TRUE(decider_->decide("app/allow", chief)->is_true());
  const auto undefined = decider_->decide("app/allow", nurse);
  ASSERT_TRUE(undefined) << undefined.error().text();
  EXPECT_EQ(undefined->result, std::nullopt);
  EXPECT_EQ(decider_->decide("app/strict", nurse)->result->boolean(), false);
  const auto torn = decider_->decide("app/torn", chief);
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().code, ErrorCode::evaluation);
  EXPECT_EQ(torn.error().http_status, 500);
  ASSERT_EQ(torn.error().problems.size(), 1u);
  EXPECT_EQ(torn.error().problems[0].code, "eval_conflict_error");
  EXPECT_EQ(torn.error().problems[0].file, "app.rego");
  EXPECT_GT(torn.error().problems[0].row, 0u);
  EXPECT_EQ(decider_->allowed("app/torn", chief).reason, Verdict::Reason::error);
}

TEST_F(SdkRemote, TakesAndGivesWhateverJsonHolds) {
  const Value input = Object{{"list", Array{1, 2.5, "ü", nullptr, false}}, {"deep", Object{}}};
  const auto echoed = decider_->decide("app/echo", input);
  ASSERT_TRUE(echoed) << echoed.error().text();
  EXPECT_EQ(echoed->result->to_json(), input.to_json());
  EXPECT_EQ(decider_->decide("app/echo", "\xff").error().message, "a text is not UTF-8");
  EXPECT_EQ(decider_->decide("app//echo", {}).error().code, ErrorCode::invalid_input);
  // A name that means something in URLs is a name all the same.
  EXPECT_EQ(decider_->decide("app/echo?pretty/a b#", {})->result, std::nullopt);
}

TEST_F(SdkRemote, DecidesManyInputsInTheirOrder) {
  std::vector<Value> inputs;
  for (int i = 0; i < 40; ++i) inputs.emplace_back(i);
  const auto all = decider_->decide_all("app/echo", inputs);
  ASSERT_EQ(all.size(), inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_TRUE(all[i]) << all[i].error().text();
    EXPECT_TRUE(*all[i]->result == inputs[i]) << i;
  }
  EXPECT_EQ(decider_->decide_all("", inputs).at(39).error().code, ErrorCode::invalid_input);
}

TEST_F(SdkRemote, AsksAUnixSocketToo) {
  const auto decider = opened(socket_);
  EXPECT_TRUE(decider->allowed("app/strict", Object{{"role", "chief"}}));
  EXPECT_EQ(decider->allowed("app/strict", Object{{"role", "nurse"}}).why, "app/strict is false");
}

// Answers what a test says, and remembers how often it was asked.
class Strange {
 public:
  explicit Strange(std::vector<net::Response> answers) : answers_(std::move(answers)) {}
  std::string url() const { return served_.url(""); }
  int asked() const { return asked_; }
  std::string authorization() {
    const std::lock_guard lock(mutex_);
    return authorization_;
  }

 private:
  std::mutex mutex_;
  std::string authorization_;
  std::atomic<int> asked_ = 0;
  std::vector<net::Response> answers_;
  net::testing::Served served_{{net::testing::route(
      net::Method::POST, "/{path...}", net::Runs::on_pool,
      [this](const net::Request& request, net::Context&) -> writ::Result<net::Answer> {
        const std::lock_guard lock(mutex_);
        authorization_ = request.fields.value_or("Authorization", "");
        const auto number = static_cast<std::size_t>(asked_++);
        return answers_.at(std::min(number, answers_.size() - 1));
      })}};
};

net::Response answer(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

TEST(SdkRemoteAnswers, AreErrorsUnlessTheyAreDecisions) {
  const struct {
    int status;
    const char* body;
    ErrorCode code;
    const char* message;
  } kCases[] = {
      {400, R"({"code": "invalid_parameter", "message": "bad input"})", ErrorCode::invalid_input,
       "bad input"},
      {401, "", ErrorCode::not_permitted, "the server answered 401 Unauthorized"},
      {403, "<html>", ErrorCode::not_permitted, "the server answered 403 Forbidden"},
      {404, "{}", ErrorCode::invalid_input, "the server answered 404 Not Found"},
      {500, R"({"message": "broken"})", ErrorCode::internal, "broken"},
      {200, "[]", ErrorCode::internal, "the server's answer is no JSON object"},
      {200, "{\"result\": tr", ErrorCode::internal, "the server's answer is no JSON object"},
      {302, "", ErrorCode::invalid_input, "the server answered 302 Found"},
  };
  for (const auto& row : kCases) {
    Strange server({answer(row.status, row.body)});
    const auto decider = opened(server.url());
    const auto said = decider->decide("a/b", {});
    ASSERT_FALSE(said) << row.status << " " << row.body;
    EXPECT_EQ(said.error().code, row.code) << row.message;
    EXPECT_EQ(said.error().message, row.message);
    EXPECT_EQ(said.error().http_status, row.status);
    EXPECT_FALSE(decider->allowed("a/b", {})) << row.message;
    EXPECT_EQ(server.authorization(), "Bearer the token");
  }
}

TEST(SdkRemoteAnswers, KeepTheIdOfTheServersDecisionLog) {
  Strange server({answer(200, R"({"result": true, "decision_id": "d-1"})")});
  const Verdict verdict = opened(server.url())->allowed("a/b", {});
  EXPECT_TRUE(verdict);
  EXPECT_EQ(verdict.decision_id, "d-1");
}

TEST(SdkRemoteAnswers, AreAskedForAgainWhileTheServerIsBusy) {
  Strange server({answer(503, ""), answer(429, ""), answer(200, R"({"result": true})")});
  EXPECT_TRUE(opened(server.url())->allowed("a/b", {}));
  EXPECT_EQ(server.asked(), 3);
  Strange busy({answer(503, "")});
  const auto given_up = opened(busy.url())->decide("a/b", {});
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, ErrorCode::unavailable);
  EXPECT_EQ(busy.asked(), 3);
}

TEST(SdkRemoteAnswers, OfAPolicyThatFailsDoNotKeepOthersFromDeciding) {
  std::vector<net::Response> answers(
      50, answer(500, R"({"message": "failed", "errors": [{"code": "eval_conflict_error"}]})"));
  answers.push_back(answer(200, R"({"result": true})"));
  Strange server(answers);
  const auto decider = opened(server.url());
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(decider->decide("a/b", {}).error().code, ErrorCode::evaluation);
  }
  EXPECT_TRUE(decider->allowed("a/b", {}));
}

TEST(SdkRemoteAnswers, AreGivenUpWhenTimePasses) {
  net::testing::Served silent({net::testing::route(
      net::Method::POST, "/{path...}", net::Runs::on_pool,
      [](const net::Request&, net::Context& context) -> writ::Result<net::Answer> {
        while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
        return net::Response{};
      })});
  const auto decider = opened(silent.url(""));
  DecideOptions options;
  options.time_limit = milliseconds(50);
  const auto begin = std::chrono::steady_clock::now();
  const auto late = decider->decide("a/b", {}, options);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::timed_out) << late.error().text();
  std::stop_source stop;
  stop.request_stop();
  options = {.time_limit = std::chrono::seconds(60), .stop = stop.get_token()};
  EXPECT_EQ(decider->decide("a/b", {}, options).error().code, ErrorCode::cancelled);
}

TEST(SdkRemoteAnswers, DoNotComeWhereNobodyListens) {
  const auto nobody = opened("unix:/nonexistent/socket")->decide("a/b", {});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::unavailable) << nobody.error().text();
  const auto bad = RemoteDecider::open({.url = "ftp://x"});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::invalid_input);
  EXPECT_NE(bad.error().message.find("the scheme is not known"), std::string::npos);
}

}  // namespace
}  // namespace writ::sdk
