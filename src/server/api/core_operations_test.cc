// The server about itself.
#include "server/api/core_operations.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"

namespace writ::server {
namespace {

using net::Method;

class CoreTest : public ::testing::Test {
 protected:
  CoreTest() : description_(*contract::Description::own()) {}

  testing::ApiCaller start(std::vector<ReadyCheck> checks = {}) {
    ApiOptions options{.description = description_, .clock = clock_, .random = random_};
    options.families = {"core"};
    options.checks_answers = true;
    auto built = Api::build(core_operations({description_, {"core"}, "7.8.9", std::move(checks)}),
                            std::move(options));
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    return testing::ApiCaller(api_->routes());
  }

  FakeClock clock_;
  FakeRandom random_;
  const contract::Description description_;
  std::unique_ptr<Api> api_;
};

TEST_F(CoreTest, HandsOutTheContractOfTheFamiliesThatAreThere) {
  const auto api = start();
  const auto document = parse_json(api.send({Method::GET, "/openapi.json"}).body);
  ASSERT_TRUE(document) << document.error().text();
  EXPECT_EQ(document->at_path({"info", "version"})->as_string(), "7.8.9");
  EXPECT_NE(document->at_path({"paths", "/discovery", "get"}), nullptr);
  EXPECT_EQ(document->at_path({"paths", "/v1/data/{path}"}), nullptr);
  EXPECT_EQ(api.said({Method::GET, "/discovery"}),
            R"(200 {"service":"writ","version":"7.8.9","families":["core"],"links":{)"
            R"("description":"/openapi.json","documentation":"/docs","liveness":"/healthz",)"
            R"("readiness":"/readyz"}})");
}

TEST_F(CoreTest, ShowsThePageWithItsStyleAndNothingElse) {
  const net::Response page = start().send({Method::GET, "/docs"});
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<h1>Writ API 7.8.9</h1>"), std::string::npos);
  EXPECT_NE(page.body.find("<span class=\"path\">/discovery</span>"), std::string::npos);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_TRUE(page.field("Content-Security-Policy").starts_with("default-src 'none'; "));
  EXPECT_NE(page.field("Content-Security-Policy").find("style-src 'sha256-"),
            std::string_view::npos);
}

TEST_F(CoreTest, HandsOutTheSchemasThatTheContractRefersTo) {
  const auto api = start();
  const auto schema = parse_json(api.send({Method::GET, "/contracts/spec.schema.json"}).body);
  ASSERT_TRUE(schema) << schema.error().text();
  EXPECT_EQ(schema->string_or("$id", ""), "https://writ.dev/contracts/spec.schema.json");
  const net::Response none = api.send({Method::GET, "/contracts/none.schema.json"});
  EXPECT_EQ(parse_json(none.body)->string_or("detail", ""),
            "there is no contract https://writ.dev/contracts/none.schema.json");
}

TEST_F(CoreTest, SaysWhatAnswersRestOn) {
  bool is_there = true;
  const auto api = start({{"store", [&is_there]() -> Result<void> {
                             if (is_there) return {};
                             return fail(Code::unavailable, "away");
                           }}});
  EXPECT_EQ(api.said({Method::GET, "/healthz"}), R"(200 {"status":"ok"})");
  EXPECT_EQ(api.said({Method::GET, "/readyz"}), R"(200 {"status":"ok","checks":{"store":"ok"}})");
  is_there = false;
  EXPECT_EQ(api.said({Method::GET, "/readyz"}),
            R"(503 {"status":"unavailable","checks":{"store":"unavailable"}})");
}

TEST_F(CoreTest, SaysWhereWhatIsReadIsAnsweredAndWhatIsWrittenIsNot) {
  const auto refuses = [] { return Result<void>(fail(Code::storage_failed, "the disk is full")); };
  const auto is_there = [] { return Result<void>(); };
  const auto full = start({{"store", is_there, refuses}});
  EXPECT_EQ(full.said({Method::GET, "/readyz"}),
            R"(200 {"status":"degraded","checks":{"store":"degraded"}})");
  const auto gone = start({{"disk", is_there, refuses}, {"store", refuses, is_there}});
  EXPECT_EQ(gone.said({Method::GET, "/readyz"}),
            R"(503 {"status":"unavailable","checks":{"disk":"degraded","store":"unavailable"}})");
}

}  // namespace
}  // namespace writ::server
