#include "server/decisions/options.h"

#include <gtest/gtest.h>

#include "base/yaml.h"

namespace writ::server {
namespace {

Result<DecisionLogOptions> read(std::string_view yaml) {
  const auto value = parse_yaml(yaml);
  EXPECT_TRUE(value) << value.error().text();
  return read_decision_log_options(*value, "opa.yaml");
}

std::vector<std::string> problems(std::string_view yaml) {
  std::vector<std::string> out;
  const auto options = read(yaml);
  if (options) return out;
  for (const Diagnostic& one : options.error().diagnostics) {
    out.push_back(std::to_string(one.at.line) + ": " + one.message);
  }
  return out;
}

TEST(DecisionLogOptions, AreOpasWhereNothingIsSaid) {
  const auto options = read("service: control\n");
  ASSERT_TRUE(options) << options.error().text();
  EXPECT_EQ(options->service, "control");
  EXPECT_EQ(options->resource, "/logs");
  EXPECT_EQ(options->mask_decision, (std::vector<std::string>{"system", "log", "mask"}));
  EXPECT_EQ(options->drop_decision, (std::vector<std::string>{"system", "log", "drop"}));
  EXPECT_EQ(options->reporting.min_delay, std::chrono::seconds(300));
  EXPECT_EQ(options->reporting.max_delay, std::chrono::seconds(600));
  EXPECT_EQ(options->reporting.upload_bytes, 32'768u);
  EXPECT_EQ(options->buffer.flush, Flush::interval);
  EXPECT_EQ(options->buffer.when_full, WhenFull::block);
}

TEST(DecisionLogOptions, TakeEverythingThatIsSaid) {
  const auto options = read(R"(
service: control
partition_name: eu/west
console: true
mask_decision: /logs/hide
drop_decision: logs/skip
request_context: {http: {headers: [X-Tenant]}}
reporting:
  min_delay_seconds: 1
  max_delay_seconds: 2
  upload_size_limit_bytes: 4096
  buffer_size_limit_bytes: 1048576
  buffer_size_limit_events: 100
  max_decisions_per_second: 12.5
  buffer_type: event
  trigger: periodic
buffer:
  store: sqlite:/var/lib/writ/decisions.db
  flush: each
  flush_interval_ms: 20
  queue_size_limit_bytes: 65536
  when_full: drop
)");
  ASSERT_TRUE(options) << options.error().text();
  EXPECT_EQ(options->resource, "/logs/eu/west");
  EXPECT_TRUE(options->console);
  EXPECT_EQ(options->mask_decision, (std::vector<std::string>{"logs", "hide"}));
  EXPECT_EQ(options->drop_decision, (std::vector<std::string>{"logs", "skip"}));
  EXPECT_EQ(options->headers, (std::vector<std::string>{"X-Tenant"}));
  EXPECT_EQ(options->reporting.min_delay, std::chrono::seconds(1));
  EXPECT_EQ(options->reporting.max_delay, std::chrono::seconds(2));
  EXPECT_EQ(options->reporting.upload_bytes, 4096u);
  EXPECT_EQ(options->reporting.buffer_bytes, 1'048'576u);
  EXPECT_EQ(options->reporting.buffer_events, 100u);
  EXPECT_EQ(options->reporting.decisions_per_second, 12.5);
  EXPECT_EQ(options->buffer.store, "sqlite:/var/lib/writ/decisions.db");
  EXPECT_EQ(options->buffer.flush, Flush::each);
  EXPECT_EQ(options->buffer.flush_interval, std::chrono::milliseconds(20));
  EXPECT_EQ(options->buffer.queue_bytes, 65'536u);
  EXPECT_EQ(options->buffer.when_full, WhenFull::drop);
}

TEST(DecisionLogOptions, AResourceWinsOverAPartition) {
  const auto options = read("resource: audit/events\npartition_name: eu\n");
  ASSERT_TRUE(options) << options.error().text();
  EXPECT_EQ(options->resource, "/audit/events");
}

TEST(DecisionLogOptions, AOneSidedDelayBoundsTheOther) {
  const auto most = read("reporting: {max_delay_seconds: 5}\n");
  ASSERT_TRUE(most) << most.error().text();
  EXPECT_EQ(most->reporting.min_delay, std::chrono::seconds(5));
  const auto least = read("reporting: {min_delay_seconds: 900}\n");
  ASSERT_TRUE(least) << least.error().text();
  EXPECT_EQ(least->reporting.max_delay, std::chrono::seconds(900));
}

TEST(DecisionLogOptions, SayEverythingThatIsWrongAtOnce) {
  const std::vector<std::string> expected = {
      "1: decision_logs has no `servise` (did you mean `service`?)",
      "2: decision_logs.console must be true or false",
      "3: decision_logs.plugin: this server has no plugins for decision logs",
      "5: decision_logs.reporting has no `max_delay_second` (did you mean `max_delay_seconds`?)",
      "6: decision_logs.reporting.upload_size_limit_bytes must be a number that is not less than 1",
      "7: decision_logs.reporting.trigger must be one of: periodic",
      "8: decision_logs.buffer.when_full must be one of: block, drop",
      "9: decision_logs.request_context.http.headers must be a list of strings"};
  EXPECT_EQ(problems("servise: control\n"
                     "console: 1\n"
                     "plugin: mine\n"
                     "reporting:\n"
                     "  max_delay_second: 4\n"
                     "  upload_size_limit_bytes: 0\n"
                     "  trigger: manual\n"
                     "buffer: {when_full: wait}\n"
                     "request_context: {http: {headers: [1]}}\n"),
            expected);
}

TEST(DecisionLogOptions, RefuseDelaysTheWrongWayRound) {
  EXPECT_EQ(problems("reporting:\n  min_delay_seconds: 9\n  max_delay_seconds: 3\n"),
            (std::vector<std::string>{
                "3: decision_logs.reporting.max_delay_seconds is less than min_delay_seconds"}));
}

}  // namespace
}  // namespace writ::server
