#include "server/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <mutex>
#include <sstream>

#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "net/server.h"

namespace writ::server {
namespace {

contract::Settings settings_of(std::vector<std::string> options) {
  auto settings = contract::Settings::lay("settings", {nullptr, nullptr, std::move(options)});
  EXPECT_TRUE(settings.has_value()) << settings.error().text();
  return *std::move(settings);
}

class TelemetryTest : public testing::Test {
 protected:
  std::unique_ptr<Telemetry> open(std::vector<std::string> options) {
    auto telemetry =
        Telemetry::open(settings_of(std::move(options)), {&console_, "1.0", "i"}, clock_, random_);
    EXPECT_TRUE(telemetry.has_value()) << telemetry.error().text();
    return *std::move(telemetry);
  }

  net::ServerOptions::Served served(std::string_view target) const {
    return {.route = &route_,
            .method = net::Method::GET,
            .target = target,
            .peer = "127.0.0.1:1",
            .status = 200,
            .bytes_in = 10,
            .bytes_out = 20,
            .took = std::chrono::milliseconds(2),
            .loop = 0};
  }

  SystemClock clock_;
  SystemRandom random_;
  std::ostringstream console_;
  net::Route route_{.method = net::Method::GET, .pattern = "/users/{id}", .handler = {}};
};

TEST_F(TelemetryTest, CountsRequestsByRouteAndNotByPath) {
  const auto telemetry = open({});
  telemetry->count(served("/users/1"));
  telemetry->count(served("/users/2"));
  const std::string text = telemetry->prometheus_text();
  EXPECT_NE(
      text.find("writ_http_requests_total{route=\"/users/{id}\",method=\"GET\",status=\"200\"} "
                "2\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("writ_http_request_duration_seconds_count{route=\"/users/{id}\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(console_.str(), "");
}

TEST_F(TelemetryTest, RecordsRequestsWithoutTheirQueryOnceItIsAskedFor) {
  const auto telemetry = open({});
  telemetry->take(settings_of({"log.requests=true"}));
  telemetry->count(served("/users/1?token=hush"));
  const Value record = parse_json(console_.str()).value();
  EXPECT_EQ(record.string_or("event", ""), "request.served");
  EXPECT_EQ(record.string_or("message", ""), "GET /users/1");
  EXPECT_EQ(record.integer_or("status", 0), 200);
  EXPECT_EQ(record.find("elapsed_ms")->as_number(), 2.0);
  EXPECT_EQ(console_.str().find("hush"), std::string::npos);
}

TEST_F(TelemetryTest, RecordsOfARequestNameItsTrace) {
  const auto telemetry = open({"log.requests=true"});
  net::ServerOptions::Served request = served("/users/1");
  telemetry->count(request);
  EXPECT_EQ(parse_json(console_.str())->find("trace_id"), nullptr);
  console_.str("");
  request.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  telemetry->count(request);
  EXPECT_EQ(parse_json(console_.str())->string_or("trace_id", ""),
            "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST_F(TelemetryTest, CountsWhatTheCollectorDidNotTake) {
  {
    // Nobody listens there.
    const auto telemetry = open({"telemetry.endpoint=http://127.0.0.1:1", "telemetry.interval=1ms",
                                 "telemetry.sampled_per_10000=10000"});
    telemetry->tracer().start("request", {}).end();
    std::string text;
    while (text.find("writ_telemetry_items_total{outcome=\"failed\"} 1\n") == std::string::npos) {
      text = telemetry->prometheus_text();
    }
    EXPECT_NE(text.find("writ_telemetry_items_total{outcome=\"dropped\"} 0\n"), std::string::npos)
        << text;
  }
}

TEST_F(TelemetryTest, WritesItsFileToo) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "writ.log";
  const auto telemetry = open({"log.file=" + file.string()});
  telemetry->log().write(observe::Level::info, "server", "server.started", "listening");
  std::error_code ignored;
  EXPECT_GT(std::filesystem::file_size(file, ignored), 0U);
  EXPECT_NE(console_.str().find("server.started"), std::string::npos);
}

// A real collector's side of it: a server that keeps what it is sent.
TEST_F(TelemetryTest, SendsRecordsSpansAndMetricsToTheCollector) {
  std::mutex mutex;
  std::map<std::string, std::string> received;
  net::ServerOptions serving;
  serving.endpoints = {{"127.0.0.1:0", false}};
  const auto keep = [&](const net::Request& request, net::Context&) -> Result<net::Answer> {
    const std::lock_guard lock(mutex);
    received[std::string(request.path)] += request.body;
    EXPECT_EQ(request.fields.value_or("content-type", ""), "application/json");
    return net::Response{
        .status = 200, .content_type = "application/json", .fields = {}, .body = "{}"};
  };
  auto collector = net::Server::start(
      std::move(serving),
      {net::Route{.method = net::Method::POST, .pattern = "/v1/{signal}", .handler = keep}});
  ASSERT_TRUE(collector.has_value()) << collector.error().text();
  {
    const auto telemetry =
        open({"telemetry.endpoint=http://" + (*collector)->addresses().front() + "/",
              "telemetry.sampled_per_10000=10000"});
    telemetry->log().write(observe::Level::info, "server", "server.started", "listening");
    telemetry->tracer().start("request", {}).end();
    telemetry->count(served("/users/1"));
  }
  const std::lock_guard lock(mutex);
  EXPECT_NE(received["/v1/logs"].find("server.started"), std::string::npos);
  EXPECT_NE(received["/v1/traces"].find("\"name\":\"request\""), std::string::npos);
  EXPECT_NE(received["/v1/metrics"].find("writ_http_requests_total"), std::string::npos);
}

}  // namespace
}  // namespace writ::server
