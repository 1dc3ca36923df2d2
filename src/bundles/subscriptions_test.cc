// Bundles from publishers over real sockets, good ones and bad ones.
#include "bundles/subscriptions.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "base/testing/temporary_directory.h"
#include "net/testing/served.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/signature.h"
#include "policy/term/json.h"

namespace writ::bundles {
namespace {

using rego::ArchiveFile;
using std::chrono::milliseconds;

constexpr const char* kSecret = "a shared secret";

std::vector<ArchiveFile> files(const std::string& revision, const std::string& root,
                               const std::string& value) {
  return {{".manifest", R"({"revision": ")" + revision + R"(", "roots": [")" + root + R"("]})"},
          {root + "/p.rego", "package " + root + "\n\nanswer := " + value + "\n"}};
}

std::string packed(const std::string& revision, const std::string& root = "app",
                   const std::string& value = "1") {
  return rego::write_archive(files(revision, root, value)).value();
}

std::string signed_bundle(const std::string& revision, const std::string& secret) {
  std::vector<ArchiveFile> all = files(revision, "app", "1");
  rego::BundleSigning how;
  how.algorithm = "HS256";
  how.key = secret;
  all.push_back(rego::sign_bundle(all, how).value());
  return rego::write_archive(all).value();
}

std::string delta(const std::string& revision, const std::string& patch) {
  return rego::write_archive(
             {{".manifest", R"({"revision": ")" + revision + R"(", "roots": ["app"]})"},
              {"patch.json", R"({"data": [)" + patch + "]}"}})
      .value();
}

// A service that answers what a test says, and remembers what it was asked.
class Service {
 public:
  void answer(int status, std::string body = {}, std::string etag = {}) {
    const std::lock_guard lock(mutex_);
    response_ = {};
    response_.status = status;
    response_.body = std::move(body);
    if (!etag.empty()) response_.fields.emplace_back("ETag", std::move(etag));
  }
  std::string asked(const std::string& field) {
    const std::lock_guard lock(mutex_);
    return asked_[field];
  }
  std::string url() const { return served_.url(""); }

 private:
  Result<net::Answer> serve(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    asked_.clear();
    asked_["path"] = request.path;
    for (const net::Field& field : request.fields) asked_[std::string(field.name)] = field.value;
    const std::string etag(response_.field("ETag"));
    if (!etag.empty() && request.fields.value_or("If-None-Match", "") == etag) {
      net::Response unchanged;
      unchanged.status = 304;
      return unchanged;
    }
    return response_;
  }

  std::mutex mutex_;
  net::Response response_;
  std::map<std::string, std::string> asked_;
  net::testing::Served served_{{net::testing::route(
      net::Method::GET, "/{path...}", net::Runs::on_pool,
      [this](const net::Request& request, net::Context&) { return serve(request); })}};
};

class Subscriptions : public ::testing::Test {
 protected:
  Subscriptions() {
    config_.services["s"].url = service_.url().substr(0, service_.url().size());
    config_.services["s"].token = "the token";
    config_.persistence_directory = directory_.path();
    service_.answer(503);
  }
  BundleConfig& add(const std::string& name) {
    BundleConfig& bundle = config_.bundles.emplace_back();
    bundle.name = name;
    bundle.service = "s";
    bundle.resource = "bundles/" + name;
    bundle.min_delay = milliseconds(5);
    bundle.max_delay = milliseconds(10);
    return bundle;
  }
  void start() {
    fabric_ = std::make_unique<rego::Fabric>(rego::FabricOptions{.clock = &clock_});
    bundles_ = std::make_unique<BundleSubscriptions>(config_, *fabric_, clock_, random_);
    bundles_->load_kept();
  }
  void run() {
    start();
    bundles_->start();
  }
  BundleStatus status(const std::string& name = "b") { return bundles_->board().rows().at(name); }
  // "r1", "r1: what is wrong"
  std::string said(const std::string& name = "b") {
    const BundleStatus row = status(name);
    return row.revision + (row.message.empty() ? "" : ": " + row.message);
  }
  // Waits for a moment that comes by itself.
  void await(const std::function<bool()>& has_come) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!has_come() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(2));
    }
  }
  void await_said(const std::string& what, const std::string& name = "b") {
    await([&] { return said(name) == what; });
    EXPECT_EQ(said(name), what);
  }
  std::string document() const { return rego::to_json(fabric_->snapshot()->data); }

  SystemClock clock_;
  SystemRandom random_;
  TemporaryDirectory directory_;
  Service service_;
  SubscriptionConfig config_;
  std::unique_ptr<rego::Fabric> fabric_;
  std::unique_ptr<BundleSubscriptions> bundles_;  // ends before what it borrows
};

TEST_F(Subscriptions, FollowTheirService) {
  add("b");
  service_.answer(200, packed("r1"), "\"1\"");
  run();
  await_said("r1");
  await([&] { return service_.asked("If-None-Match") == "\"1\""; });
  EXPECT_EQ(service_.asked("If-None-Match"), "\"1\"");
  EXPECT_EQ(service_.asked("path"), "/bundles/b");
  EXPECT_EQ(service_.asked("Authorization"), "Bearer the token");
  EXPECT_EQ(service_.asked("Prefer"), "modes=snapshot,delta");
  service_.answer(200, packed("r2"), "\"2\"");
  await_said("r2");
  EXPECT_EQ(fabric_->snapshot()->bundles.at("b").etag, "\"2\"");
  EXPECT_TRUE(bundles_->board().is_ready());
  EXPECT_EQ(status().loaded, 2u);
}

TEST_F(Subscriptions, KeepTheLastGoodWhenTheNextIsBad) {
  add("b").size_limit = 100'000;
  add("other").resource = "elsewhere";
  service_.answer(200, packed("r1"), "\"1\"");
  config_.bundles[1].service.clear();  // stands for another publisher
  config_.bundles[1].file = directory_.write("other.tar.gz", packed("o1", "taken"));
  run();
  await_said("r1");
  await_said("o1", "other");
  const struct {
    std::string bytes;
    const char* message;
  } kBad[] = {
      {packed("r2").substr(0, 60), "truncated"},
      {"no bundle", "gzip"},
      {rego::write_archive({{"data.json", "{\"a\": \"" + std::string(9'000'000, 'x') + "\"}"}})
           .value(),
       "unpacks to more than is allowed"},
      {packed("r2", "app", "data.none("), "error"},
      {packed("r2", "taken"),
       "detected overlapping roots in manifests for these bundles: [other, b]"},
      {std::string(100'001, 'x'), "larger than 100000 bytes"},
      {signed_bundle("r2", kSecret), "verification key not provided"},
  };
  std::uint64_t number = 2;
  for (const auto& bad : kBad) {
    service_.answer(200, bad.bytes, "\"" + std::to_string(number++) + "\"");
    await([&] { return !status().message.empty(); });
    EXPECT_EQ(status().revision, "r1") << bad.message;
    EXPECT_EQ(fabric_->snapshot()->bundles.at("b").manifest.revision, "r1");
    if (!status().message.contains(bad.message)) {
      ADD_FAILURE() << bad.message << " is not in: " << status().message;
    }
    const std::string good = "r" + std::to_string(number);
    service_.answer(200, packed("r1"), "\"good" + std::to_string(number) + "\"");
    await_said("r1");
  }
  EXPECT_EQ(fabric_->snapshot()->bundles.at("other").manifest.revision, "o1");
}

TEST_F(Subscriptions, SayWhatTheirServiceAnswered) {
  add("b");
  service_.answer(404, "nothing here");
  run();
  await_said(": server replied with Not Found");
  EXPECT_EQ(status().http_code, 404);
  EXPECT_FALSE(bundles_->board().is_ready());
}

TEST_F(Subscriptions, HoldBundlesToTheirSignatures) {
  BundleConfig& bundle = add("b");
  bundle.verification.emplace();
  bundle.verification->keys["k"] = {"HS256", kSecret, ""};
  bundle.verification->key_id = "k";
  service_.answer(200, signed_bundle("r1", kSecret), "\"1\"");
  run();
  await_said("r1");
  service_.answer(200, signed_bundle("r2", "another secret"), "\"2\"");
  await([&] { return !status().message.empty(); });
  EXPECT_TRUE(said().starts_with("r1: failed to verify JWT signature")) << said();
  service_.answer(200, packed("r3"), "\"3\"");
  await([&] {
    return status().message.contains("no signature") ||
           status().message.contains(".signatures.json");
  });
  EXPECT_TRUE(said().starts_with("r1: ")) << said();
  service_.answer(200, signed_bundle("r4", kSecret), "\"4\"");
  await_said("r4");
}

TEST_F(Subscriptions, BeginWithWhatWasKeptWhenTheServiceIsAway) {
  BundleConfig& bundle = add("b");
  bundle.is_kept = true;
  bundle.verification.emplace();
  bundle.verification->keys["k"] = {"HS256", kSecret, ""};
  service_.answer(200, signed_bundle("r1", kSecret), "\"1\"");
  run();
  await_said("r1");
  await([&] { return std::filesystem::exists(directory_.path() / "bundles/b/bundle.tar.gz"); });
  bundles_.reset();
  start();
  EXPECT_EQ(said(), "r1");
  EXPECT_TRUE(bundles_->board().is_ready());
  // What was changed on disk meanwhile is no better than what comes over the network.
  directory_.write("bundles/b/bundle.tar.gz", signed_bundle("r9", "another secret"));
  start();
  EXPECT_TRUE(said().starts_with(": failed to verify JWT signature")) << said();
  EXPECT_FALSE(bundles_->board().is_ready());
}

TEST_F(Subscriptions, TakeDeltasAndKeepThem) {
  add("b").is_kept = true;
  const std::string snapshot =
      rego::write_archive({{".manifest", R"({"revision": "r1", "roots": ["app"]})"},
                           {"app/data.json", R"({"x": 1})"}})
          .value();
  service_.answer(200, snapshot, "\"1\"");
  run();
  await_said("r1");
  service_.answer(200, delta("r2", R"({"op": "upsert", "path": "/app/y", "value": 2})"), "\"2\"");
  await_said("r2");
  EXPECT_EQ(document(), R"({"app":{"x":1,"y":2}})");
  await([&] { return service_.asked("If-None-Match") == "\"2\""; });
  bundles_.reset();
  start();
  EXPECT_EQ(said(), "r2");
  EXPECT_EQ(document(), R"({"app":{"x":1,"y":2}})");
}

TEST_F(Subscriptions, AskForASnapshotWhenADeltaDoesNotFit) {
  add("b");
  service_.answer(200, delta("r2", R"({"op": "remove", "path": "/app/y"})"), "\"2\"");
  run();
  await([&] { return !status().message.empty(); });
  EXPECT_EQ(said(), ": a delta bundle came that nothing was asked for");
  service_.answer(200, packed("r1"), "\"1\"");
  await_said("r1");
  service_.answer(200, delta("r2", R"({"op": "remove", "path": "/app/y"})"), "\"2\"");
  await([&] { return !status().message.empty() && service_.asked("If-None-Match").empty(); });
  EXPECT_EQ(status().revision, "r1");
  EXPECT_EQ(service_.asked("If-None-Match"), "");
}

TEST_F(Subscriptions, GoBackToAKeptRevisionAndStayThere) {
  add("b").is_kept = true;
  service_.answer(200, packed("r1"), "\"1\"");
  run();
  await_said("r1");
  service_.answer(200, packed("r2"), "\"2\"");
  await_said("r2");
  rego::BundleShelf shelf(directory_.path(), "b", 1u << 20);
  await([&] { return shelf.revisions().value().size() == 2; });
  const auto chosen = shelf.roll_back({});
  ASSERT_TRUE(chosen) << chosen.error().text();
  EXPECT_EQ(chosen->revision, "r1");
  await_said("r1");
  // The service goes on with r2, by another name even.
  const auto asked = status().last_successful_request;
  service_.answer(200, packed("r2"), "\"again\"");
  await([&] { return service_.asked("If-None-Match") == "\"again\""; });
  EXPECT_LT(asked, status().last_successful_request);
  EXPECT_EQ(said(), "r1");
  bundles_.reset();
  run();
  await([&] { return service_.asked("If-None-Match") == "\"again\""; });
  EXPECT_EQ(said(), "r1");
  service_.answer(200, packed("r3"), "\"3\"");
  await_said("r3");
}

TEST_F(Subscriptions, ReadFilesAndFolders) {
  config_.services.clear();
  add("file").service.clear();
  config_.bundles[0].file = directory_.write("f.tar.gz", packed("f1", "one"));
  add("folder").service.clear();
  directory_.write("folder/.manifest", R"({"revision": "d1", "roots": ["two"]})");
  directory_.write("folder/two/data.json", R"({"x": 1})");
  config_.bundles[1].file = directory_.path() / "folder";
  run();
  await_said("f1", "file");
  await_said("d1", "folder");
  directory_.write("f.tar.gz", packed("f22", "one"));
  directory_.write("folder/two/data.json", R"({"x": 1234})");
  await_said("f22", "file");
  await([&] { return document().contains("1234"); });
  EXPECT_EQ(document(), R"({"two":{"x":1234}})");
}

TEST_F(Subscriptions, SayThatAFileIsBadForAsLongAsItIs) {
  config_.services.clear();
  add("b").service.clear();
  config_.bundles[0].file = directory_.write("f.tar.gz", packed("f1"));
  run();
  await_said("f1");
  directory_.write("f.tar.gz", "no bundle");
  await([&] { return status().failed >= 3; });
  EXPECT_TRUE(said().starts_with("f1: ")) << said();
  directory_.write("f.tar.gz", packed("f2"));
  await_said("f2");
}

TEST(Activation, IsOfSeveralAtOnceAndKeepsBadOnesOut) {
  rego::Fabric fabric;
  Activator activator(fabric);
  const auto good = rego::read_bundle(packed("g", "good")).value();
  const auto bad = rego::read_bundle(packed("x", "bad", "1 +")).value();
  // Each calls a function of the other: neither compiles alone.
  const auto left = rego::make_bundle({{".manifest", R"({"roots": ["l"]})"},
                                       {"l.rego", "package l\n\nf(x) := x\n\ny := data.r.f(1)\n"}})
                        .value();
  const auto right = rego::make_bundle({{".manifest", R"({"roots": ["r"]})"},
                                        {"r.rego", "package r\n\nf(x) := data.l.f(x)\n"}})
                         .value();
  const std::vector<rego::NamedBundle> pair{{"l", &left, ""}, {"r", &right, ""}};
  for (const Result<void>& result : activator.activate_all(pair)) {
    EXPECT_TRUE(result) << result.error().text();
  }
  const std::uint64_t before = fabric.version();
  const std::vector<rego::NamedBundle> mixed{{"bad", &bad, ""}, {"good", &good, ""}};
  const auto results = activator.activate_all(mixed);
  EXPECT_FALSE(results[0].has_value());
  EXPECT_TRUE(results[1].has_value());
  EXPECT_TRUE(fabric.snapshot()->bundles.contains("good"));
  EXPECT_FALSE(fabric.snapshot()->bundles.contains("bad"));
  EXPECT_EQ(fabric.version(), before + 1);
}

}  // namespace
}  // namespace writ::bundles
