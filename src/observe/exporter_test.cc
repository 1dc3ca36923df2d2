#include "observe/exporter.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <mutex>

#include "base/json.h"

namespace writ::observe {
namespace {

class StandingClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime{1'000'000}; }
  std::chrono::steady_clock::time_point steady() const override { return steady_; }
  std::chrono::steady_clock::time_point steady_{};
};

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = ++last_;
  }

 private:
  std::uint8_t last_ = 0;
};

class MemorySink final : public Sink {
 public:
  Result<void> send(Signal signal, const std::string& body) override {
    const std::lock_guard lock(mutex_);
    if (refuses_) return fail(Code::unavailable, "no collector");
    bodies_[signal].push_back(body);
    return {};
  }
  std::vector<std::string> bodies(Signal signal) {
    const std::lock_guard lock(mutex_);
    return bodies_[signal];
  }
  void refuse() {
    const std::lock_guard lock(mutex_);
    refuses_ = true;
  }

 private:
  std::mutex mutex_;
  std::map<Signal, std::vector<std::string>> bodies_;
  bool refuses_ = false;
};

constexpr ExportOptions kByHand{.waiting = 4,
                                .batch = 3,
                                .interval = std::chrono::hours(1),
                                .metrics_interval = std::chrono::hours(1)};

LogRecord record_of(std::string_view message) {
  LogRecord record;
  record.component = "c";
  record.event = "e";
  record.message = message;
  return record;
}

class ExporterTest : public testing::Test {
 protected:
  StandingClock clock_;
  CountingRandom random_;
  MemorySink sink_;
  Metrics metrics_;
  Resource resource_{"writ", "1.0", "i"};
};

TEST_F(ExporterTest, SendsRecordsAsTheCollectorReadsThem) {
  Exporter exporter(sink_, metrics_, clock_, resource_, kByHand);
  const TraceContext trace =
      *parse_trace_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const Attribute attribute("status", 200);
  exporter.log_sink()->take({.time = {1'500'000},
                             .level = Level::warning,
                             .component = "server",
                             .event = "request.slow",
                             .message = "slow",
                             .thread = 7,
                             .trace = &trace,
                             .attributes = {&attribute, 1}});
  exporter.flush();
  ASSERT_EQ(sink_.bodies(Signal::logs).size(), 1U);
  EXPECT_EQ(sink_.bodies(Signal::logs)[0],
            R"({"resourceLogs":[{"resource":{"attributes":[)"
            R"({"key":"service.name","value":{"stringValue":"writ"}},)"
            R"({"key":"service.version","value":{"stringValue":"1.0"}},)"
            R"({"key":"service.instance.id","value":{"stringValue":"i"}}]},)"
            R"("scopeLogs":[{"scope":{"name":"writ","version":"1.0"},"logRecords":[)"
            R"({"timeUnixNano":"1500000000","severityNumber":13,"severityText":"warning",)"
            R"("eventName":"request.slow","body":{"stringValue":"slow"},"attributes":[)"
            R"({"key":"status","value":{"intValue":"200"}},)"
            R"({"key":"component","value":{"stringValue":"server"}},)"
            R"({"key":"thread.id","value":{"intValue":"7"}}],)"
            R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}]}]}]})");
}

TEST_F(ExporterTest, SendsSpansWithTheirPlaceInTheTrace) {
  Exporter exporter(sink_, metrics_, clock_, resource_, kByHand);
  Tracer tracer(clock_, random_, [&](SpanRecord span) { exporter.take(std::move(span)); });
  tracer.set_sampled_per_10000(10'000);
  {
    Span outer = tracer.start("outer", {}, SpanKind::server);
    Span inner = tracer.start("inner", outer.context());
    inner.set("rows", std::int64_t{3});
    clock_.steady_ += std::chrono::milliseconds(2);
    inner.fail();
  }
  exporter.flush();
  const auto bodies = sink_.bodies(Signal::traces);
  ASSERT_EQ(bodies.size(), 1U);
  const Value body = parse_json(bodies[0]).value();
  const Array& spans = body.find("resourceSpans")
                           ->as_array()[0]
                           .find("scopeSpans")
                           ->as_array()[0]
                           .find("spans")
                           ->as_array();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].string_or("name", ""), "inner");
  EXPECT_EQ(spans[0].string_or("traceId", ""), spans[1].string_or("traceId", "x"));
  EXPECT_EQ(spans[0].string_or("parentSpanId", ""), spans[1].string_or("spanId", "x"));
  EXPECT_EQ(spans[0].string_or("startTimeUnixNano", ""), "1000000000");
  EXPECT_EQ(spans[0].string_or("endTimeUnixNano", ""), "1002000000");
  EXPECT_EQ(to_json(*spans[0].find("attributes")), R"([{"key":"rows","value":{"intValue":"3"}}])");
  EXPECT_EQ(to_json(*spans[0].find("status")), R"({"code":2})");
  EXPECT_EQ(spans[1].integer_or("kind", 0), 2);
  EXPECT_EQ(spans[1].find("parentSpanId"), nullptr);
}

TEST_F(ExporterTest, LeavesOutWhatIsNotSampled) {
  Exporter exporter(sink_, metrics_, clock_, resource_, kByHand);
  Tracer tracer(clock_, random_, [&](SpanRecord span) { exporter.take(std::move(span)); });
  tracer.start("of nobody", {}).end();
  TraceContext asked;
  asked.trace = make_trace_id(random_);
  asked.span = make_span_id(random_);
  tracer.start("not sampled", asked).end();
  asked.is_sampled = true;
  tracer.start("sampled", asked).end();
  exporter.flush();
  EXPECT_EQ(exporter.stats().sent, 1U);
}

TEST_F(ExporterTest, SendsMetricsAsOfNow) {
  Exporter exporter(sink_, metrics_, clock_, resource_, kByHand);
  metrics_.counters("writ_x_total", "X", {"who"}).with({"a"}).add(3);
  static constexpr std::array<double, 1> kBounds = {1};
  metrics_.histograms("writ_took_seconds", "Took", {}, kBounds).with({}).observe(2);
  exporter.flush();
  const auto bodies = sink_.bodies(Signal::metrics);
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_NE(bodies[0].find(
                R"({"name":"writ_x_total","description":"X","sum":{"aggregationTemporality":2,)"
                R"("isMonotonic":true,"dataPoints":[{"attributes":[{"key":"who","value":)"
                R"({"stringValue":"a"}}],"startTimeUnixNano":"1000000000",)"
                R"("timeUnixNano":"1000000000","asInt":"3"}]}})"),
            std::string::npos)
      << bodies[0];
  EXPECT_NE(bodies[0].find(R"("count":"1","sum":2,"bucketCounts":["0","1"],"explicitBounds":[1)"),
            std::string::npos)
      << bodies[0];
}

TEST_F(ExporterTest, DropsAndCountsWhatDoesNotFit) {
  Exporter exporter(sink_, metrics_, clock_, resource_,
                    {.waiting = 2,
                     .batch = 3,
                     .interval = std::chrono::hours(1),
                     .metrics_interval = std::chrono::hours(1)});
  const auto sink = exporter.log_sink();
  for (int i = 0; i < 5; ++i) sink->take(record_of("m"));
  exporter.flush();
  EXPECT_EQ(exporter.stats().sent, 2U);
  EXPECT_EQ(exporter.stats().dropped, 3U);
}

TEST_F(ExporterTest, CountsWhatTheCollectorDidNotTake) {
  Exporter exporter(sink_, metrics_, clock_, resource_, kByHand);
  sink_.refuse();
  exporter.log_sink()->take(record_of("m"));
  exporter.flush();
  EXPECT_EQ(exporter.stats().failed, 1U);
  EXPECT_EQ(exporter.stats().sent, 0U);
}

TEST_F(ExporterTest, SendsWhatWaitsWhenItEndsAndDropsWhatComesLater) {
  auto exporter = std::make_unique<Exporter>(sink_, metrics_, clock_, resource_, kByHand);
  const auto sink = exporter->log_sink();
  sink->take(record_of("last words"));
  exporter.reset();
  sink->take(record_of("too late"));
  ASSERT_EQ(sink_.bodies(Signal::logs).size(), 1U);
  EXPECT_NE(sink_.bodies(Signal::logs)[0].find("last words"), std::string::npos);
}

}  // namespace
}  // namespace writ::observe
