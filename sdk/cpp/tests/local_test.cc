// Decisions in this process, from files and from bundles that a publisher hands out.
#include <gtest/gtest.h>

#include <writ/sdk/local.h>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <mutex>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "net/testing/served.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/signature.h"
#include "sample_policy.h"

namespace writ::sdk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "a shared secret";

class SdkLocal : public ::testing::Test {
 protected:
  std::unique_ptr<LocalDecider> opened(LocalOptions options) {
    auto decider = LocalDecider::open(std::move(options));
    EXPECT_TRUE(decider) << decider.error().text();
    return decider ? std::move(*decider) : nullptr;
  }
  std::unique_ptr<LocalDecider> of_policy() {
    LocalOptions options;
    options.files = {directory_.write("app.rego", kPolicy)};
    return opened(std::move(options));
  }
  TemporaryDirectory directory_;
};

TEST_F(SdkLocal, TellsUndefinedFalseAndErrorApart) {
  const auto decider = of_policy();
  const Value chief = Object{{"role", "chief"}, {"torn", true}};
  const Value nurse = Object{{"role", "nurse"}};

  EXPECT_TRUE(decider->decide("app/allow", chief)->is_true());
  const auto undefined = decider->decide("app/allow", nurse);
  ASSERT_TRUE(undefined) << undefined.error().text();
  EXPECT_EQ(undefined->result, std::nullopt);
  const auto is_false = decider->decide("app/strict", nurse);
  ASSERT_TRUE(is_false) << is_false.error().text();
  EXPECT_EQ(is_false->result->boolean(), false);
  const auto torn = decider->decide("app/torn", chief);
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().code, ErrorCode::evaluation);
  ASSERT_EQ(torn.error().problems.size(), 1u);
  EXPECT_EQ(torn.error().problems[0].code, "eval_conflict_error");
  EXPECT_GT(torn.error().problems[0].row, 0u);

  EXPECT_EQ(decider->allowed("app/allow", chief).reason, Verdict::Reason::allowed);
  EXPECT_EQ(decider->allowed("app/allow", nurse).reason, Verdict::Reason::undefined);
  EXPECT_EQ(decider->allowed("app/strict", nurse).reason, Verdict::Reason::denied);
  EXPECT_EQ(decider->allowed("app/torn", chief).reason, Verdict::Reason::error);
}

TEST_F(SdkLocal, TakesAndGivesWhateverJsonHolds) {
  const auto decider = of_policy();
  const Value input = Object{{"list", Array{1, 2.5, "ü", nullptr, false}}, {"deep", Object{}}};
  const auto echoed = decider->decide("app/echo", input);
  ASSERT_TRUE(echoed) << echoed.error().text();
  EXPECT_EQ(echoed->result->to_json(), input.to_json());
  EXPECT_EQ(echoed->id.size(), 36u);
  EXPECT_NE(echoed->id, decider->decide("app/echo", input)->id);
}

TEST_F(SdkLocal, SaysWhatIsWrongWithARequest) {
  const auto decider = of_policy();
  for (const char* path : {"", "/app/allow", "app//allow", "app/allow/", "app/\xff"}) {
    const auto refused = decider->decide(path, {});
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().text(),
              "invalid_input: a path is names with / between: app/authz/allow");
  }
  EXPECT_EQ(decider->decide("app/echo", "\xff").error().message, "a text is not UTF-8");
  EXPECT_EQ(decider->decide("app/echo", std::nan("")).error().message, "a number is not finite");
  Value deep;
  for (int i = 0; i < 1500; ++i) deep = Array{std::move(deep)};
  EXPECT_EQ(decider->decide("app/echo", deep).error().message, "a value is nested too deeply");
}

TEST_F(SdkLocal, GivesUpInTimeAndWhenItIsToldTo) {
  const auto decider = of_policy();
  DecideOptions options;
  options.time_limit = milliseconds(1);
  const auto late = decider->decide("app/slow", {}, options);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::timed_out) << late.error().text();
  std::stop_source stop;
  stop.request_stop();
  options.stop = stop.get_token();
  options.time_limit = seconds(60);
  const auto cancelled = decider->decide("app/slow", {}, options);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled) << cancelled.error().text();
}

TEST_F(SdkLocal, DecidesForManyThreadsAtOnce) {
  const auto decider = of_policy();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 200; ++i) {
          const std::string role = (i + t) % 2 == 0 ? "chief" : "nurse";
          const Verdict verdict = decider->allowed("app/strict", Object{{"role", role}});
          if (verdict.is_allowed() != (role == "chief")) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(SdkLocal, DecidesManyInputsInTheirOrder) {
  const auto decider = of_policy();
  const std::vector<Value> inputs{Object{{"role", "chief"}}, Object{{"role", "nurse"}}, "\xff"};
  const auto all = decider->decide_all("app/strict", inputs);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0]->is_true());
  EXPECT_EQ(all[1]->result->boolean(), false);
  EXPECT_EQ(all[2].error().message, "a text is not UTF-8");
}

TEST_F(SdkLocal, RefusesWhatDoesNotLoad) {
  LocalOptions options;
  options.files = {directory_.write("bad.rego", "package app\n\nallow if := 1\n")};
  const auto bad = LocalDecider::open(options);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::invalid_input);
  ASSERT_FALSE(bad.error().problems.empty());
  EXPECT_NE(bad.error().problems[0].file.find("bad.rego"), std::string::npos);
  EXPECT_EQ(bad.error().problems[0].row, 3u);
  options.files = {directory_.path() / "absent.rego"};
  EXPECT_NE(LocalDecider::open(options).error().message.find("absent.rego"), std::string::npos);
  options.files.clear();
  options.followed = {{.name = "a", .url = "elsewhere"}};
  EXPECT_EQ(LocalDecider::open(options).error().message,
            "bundle \"a\": `elsewhere` is no URL with a path");
  options.followed = {{.name = "a", .url = "file:///x"}, {.name = "a", .url = "file:///y"}};
  EXPECT_EQ(LocalDecider::open(options).error().message, "bundle \"a\": the name stands twice");
}

// --- bundles

std::string packed(const std::string& revision, const char* allow, const char* secret = nullptr) {
  std::vector<rego::ArchiveFile> files{
      {".manifest", R"({"revision": ")" + revision + R"(", "roots": ["app"]})"},
      {"app/p.rego", "package app\n\nallow := " + std::string(allow) + "\n"}};
  if (secret != nullptr) {
    rego::BundleSigning how;
    how.algorithm = "HS256";
    how.key = secret;
    how.key_id = "publisher";
    files.push_back(rego::sign_bundle(files, how).value());
  }
  return rego::write_archive(files).value();
}

// Hands out what a test puts there; without anything it answers 503.
class Publisher {
 public:
  void publish(std::string bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ = std::move(bytes);
    ++number_;
  }
  std::string url() const { return served_.url("/bundles/app.tar.gz"); }

 private:
  std::mutex mutex_;
  std::string bytes_;
  int number_ = 0;
  net::testing::Served served_{{net::testing::route(
      net::Method::GET, "/bundles/{name}", net::Runs::on_pool,
      [this](const net::Request& request, net::Context&) -> writ::Result<net::Answer> {
        const std::lock_guard lock(mutex_);
        net::Response response;
        const std::string etag = "\"" + std::to_string(number_) + "\"";
        const bool is_known = request.fields.value_or("If-None-Match", "") == etag;
        response.status = bytes_.empty() ? 503 : is_known ? 304 : 200;
        response.fields.emplace_back("ETag", etag);
        if (response.status == 200) response.body = bytes_;
        return response;
      })}};
};

class SdkFollowing : public SdkLocal {
 protected:
  LocalOptions following() {
    LocalOptions options;
    options.followed = {{.name = "app", .url = publisher_.url()}};
    options.followed[0].min_delay = milliseconds(5);
    options.followed[0].max_delay = milliseconds(10);
    return options;
  }
  static BundleState state(const LocalDecider& decider) { return decider.bundles().at(0); }
  // Waits for a moment that comes by itself.
  static void await(const std::function<bool()>& has_come) {
    const auto until = std::chrono::steady_clock::now() + seconds(20);
    while (!has_come() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(2));
    }
  }
  static void await_revision(const LocalDecider& decider, const std::string& revision) {
    await([&] { return state(decider).revision == revision; });
    EXPECT_EQ(state(decider).revision, revision) << state(decider).problem;
  }
  Publisher publisher_;
};

TEST_F(SdkFollowing, IsUnavailableUntilTheFirstBundleIsActive) {
  const auto decider = opened(following());
  const auto early = decider->decide("app/allow", {});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(early.error().message.starts_with("no revision has been active yet of app"))
      << early.error().message;
  EXPECT_FALSE(decider->wait_until_ready(milliseconds(1)));
  EXPECT_FALSE(decider->allowed("app/allow", {}));
  publisher_.publish(packed("r1", "true"));
  ASSERT_TRUE(decider->wait_until_ready(seconds(20)));
  EXPECT_EQ(decider->allowed("app/allow", {}).why, "app/allow is true");
}

TEST_F(SdkFollowing, DecidesByANewRevisionAndNoDecisionFailsMeanwhile) {
  publisher_.publish(packed("r1", "false"));
  const auto decider = opened(following());
  ASSERT_TRUE(decider->wait_until_ready(seconds(20)));
  std::atomic<int> failed = 0;
  std::atomic<int> made = 0;
  std::jthread asking([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!decider->decide("app/allow", {})) ++failed;
      ++made;
    }
  });
  EXPECT_FALSE(decider->allowed("app/allow", {}));
  publisher_.publish(packed("r2", "true"));
  await_revision(*decider, "r2");
  EXPECT_TRUE(decider->allowed("app/allow", {}));
  asking.request_stop();
  asking.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(made, 0);
}

TEST_F(SdkFollowing, StaysAtTheLastGoodRevisionWhenASignatureIsBad) {
  LocalOptions options = following();
  options.keys = {{.id = "publisher", .algorithm = "HS256", .key = kSecret}};
  publisher_.publish(packed("r1", "true", kSecret));
  const auto decider = opened(options);
  ASSERT_TRUE(decider->wait_until_ready(seconds(20)));
  for (const std::string& bad :
       {packed("r2", "false", "another secret"), packed("r3", "false"), std::string("no bundle")}) {
    publisher_.publish(bad);
    await([&] { return !state(*decider).problem.empty(); });
    EXPECT_NE(state(*decider).problem, "");
    EXPECT_EQ(state(*decider).revision, "r1");
    EXPECT_TRUE(decider->allowed("app/allow", {}));
    publisher_.publish(packed("r1", "true", kSecret));
    await([&] { return state(*decider).problem.empty(); });
  }
  publisher_.publish(packed("r4", "false", kSecret));
  await_revision(*decider, "r4");
  EXPECT_FALSE(decider->allowed("app/allow", {}));
}

TEST_F(SdkFollowing, StartsFromWhatItKeptWhileThePublisherIsAway) {
  LocalOptions options = following();
  options.keep_directory = directory_.path() / "kept";
  publisher_.publish(packed("r1", "true"));
  {
    const auto first = opened(options);
    ASSERT_TRUE(first->wait_until_ready(seconds(20)));
    await([&] { return std::filesystem::exists(directory_.path() / "kept/bundles/app"); });
    await([&] {
      return std::filesystem::exists(directory_.path() / "kept/bundles/app/bundle.tar.gz");
    });
  }
  publisher_.publish("");
  const auto second = opened(options);
  EXPECT_TRUE(second->is_ready());
  EXPECT_EQ(state(*second).revision, "r1");
  EXPECT_TRUE(second->allowed("app/allow", {}));
}

TEST_F(SdkFollowing, ReadsBundlesFromDiskHeldToTheirKeys) {
  LocalOptions options;
  options.bundles = {directory_.write("b.tar.gz", packed("r1", "true", kSecret))};
  const auto without = LocalDecider::open(options);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::signature_bad) << without.error().text();
  options.keys = {{.id = "publisher", .algorithm = "HS256", .key = "another secret"}};
  EXPECT_EQ(LocalDecider::open(options).error().code, ErrorCode::signature_bad);
  options.keys[0].key = kSecret;
  EXPECT_TRUE(opened(options)->allowed("app/allow", {}));
}

}  // namespace
}  // namespace writ::sdk
