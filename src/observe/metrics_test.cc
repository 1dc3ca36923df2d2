#include "observe/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "observe/prometheus.h"

namespace writ::observe {
namespace {

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  auto& served = metrics.counters("writ_requests_total", "Requests\nserved", {"route", "status"});
  served.with({"b\"\\\n", "200"}).add(2);
  served.with({"a", "500"}).add();
  metrics.gauges("writ_connections", "Open connections").with({}).set(1.5);
  static constexpr std::array<double, 2> kBounds = {0.1, 1};
  auto& took = metrics.histograms("writ_took_seconds", "Time", {}, kBounds);
  for (const double seconds : {0.1, 0.5, 0.75, 7.0}) took.with({}).observe(seconds);
  EXPECT_EQ(to_prometheus(metrics),
            "# HELP writ_requests_total Requests\\nserved\n"
            "# TYPE writ_requests_total counter\n"
            "writ_requests_total{route=\"a\",status=\"500\"} 1\n"
            "writ_requests_total{route=\"b\\\"\\\\\\n\",status=\"200\"} 2\n"
            "# HELP writ_connections Open connections\n"
            "# TYPE writ_connections gauge\n"
            "writ_connections 1.5\n"
            "# HELP writ_took_seconds Time\n"
            "# TYPE writ_took_seconds histogram\n"
            "writ_took_seconds_bucket{le=\"0.1\"} 1\n"
            "writ_took_seconds_bucket{le=\"1\"} 3\n"
            "writ_took_seconds_bucket{le=\"+Inf\"} 4\n"
            "writ_took_seconds_sum 8.35\n"
            "writ_took_seconds_count 4\n");
}

TEST(Metrics, CountUnderOtherWhatIsBeyondTheBound) {
  Metrics metrics;
  auto& family = metrics.counters("writ_x_total", "X", {"who"}, 2);
  for (const std::string_view who : {"a", "b", "c", "d", "a"}) family.with({who}).add();
  EXPECT_EQ(family.with({"a"}).value(), 2U);
  EXPECT_EQ(family.with({"b"}).value(), 1U);
  EXPECT_EQ(family.with({"other"}).value(), 2U);
  EXPECT_EQ(&family.with({"c"}), &family.with({"e"}));
}

TEST(Metrics, GiveTheSameFamilyForTheSameName) {
  Metrics metrics;
  EXPECT_EQ(&metrics.counters("writ_x_total", "X"), &metrics.counters("writ_x_total", "X"));
}

TEST(Metrics, LoseNothingBetweenThreads) {
  Metrics metrics;
  auto& family = metrics.counters("writ_x_total", "X", {"who"});
  auto& sum = metrics.gauges("writ_sum", "Sum").with({});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          family.with({i % 2 == 0 ? "even" : "odd"}).add();
          sum.add(0.5);
        }
      });
    }
  }
  EXPECT_EQ(family.with({"even"}).value(), 2000U);
  EXPECT_EQ(family.with({"odd"}).value(), 2000U);
  EXPECT_EQ(sum.value(), 2000.0);
}

}  // namespace
}  // namespace writ::observe
