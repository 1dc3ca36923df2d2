#pragma once
// Numbers about the running program. A family has a name, a unit in it ("_seconds", "_bytes",
// "_total") and label names; its series are made as label values come up, up to a bound: beyond it
// all further ones are counted under "other", so that no caller can fill the memory.
//
//   Family<Counter>& served = metrics.counters("writ_requests_total", "Requests", {"route",
//   "status"}); served.with({"getHealth", "200"}).add();
//
// Thread-safe. A series stays where it is: hold on to the reference where it is hot.
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::observe {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double difference);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

class Histogram {
 public:
  // Upper bounds, ascending; one without bound follows.
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);

  struct Reading {
    std::vector<std::uint64_t> counts;  // of each bucket alone, the unbounded one last
    double sum = 0;
  };
  Reading read() const;

 private:
  std::span<const double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

// Seconds, from a tenth of a millisecond to ten seconds.
std::span<const double> duration_bounds();

struct MetricText {
  std::string name;
  std::string help;
  std::vector<std::string> labels;
};

template <typename Metric>
class Family {
 public:
  using Make = std::function<std::unique_ptr<Metric>()>;
  Family(MetricText text, std::size_t most, Make make)
      : text_(std::move(text)), most_(most), make_(std::move(make)) {}

  // One value for each label name. Requires: as many.
  Metric& with(std::initializer_list<std::string_view> values);

  const MetricText& text() const { return text_; }
  // Calls back with the label values of each series, in their order.
  void each(const std::function<void(const std::vector<std::string>&, const Metric&)>& tell) const;

 private:
  const MetricText text_;
  const std::size_t most_;
  const Make make_;
  mutable std::shared_mutex mutex_;
  std::map<std::vector<std::string>, std::unique_ptr<Metric>, std::less<>> series_;
};

class Metrics {
 public:
  static constexpr std::size_t kMostSeries = 1000;  // of a family

  // Asking again for the same name gives the same family. Requires: the same kind and labels.
  Family<Counter>& counters(std::string_view name, std::string_view help,
                            std::vector<std::string> labels = {}, std::size_t most = kMostSeries);
  Family<Gauge>& gauges(std::string_view name, std::string_view help,
                        std::vector<std::string> labels = {}, std::size_t most = kMostSeries);
  // `bounds` outlives the metrics: a constant.
  Family<Histogram>& histograms(std::string_view name, std::string_view help,
                                std::vector<std::string> labels = {},
                                std::span<const double> bounds = duration_bounds(),
                                std::size_t most = kMostSeries);

  struct HistogramFamily {
    std::span<const double> bounds;
    std::unique_ptr<Family<Histogram>> family;
  };
  struct Families {
    std::map<std::string, std::unique_ptr<Family<Counter>>, std::less<>> counters;
    std::map<std::string, std::unique_ptr<Family<Gauge>>, std::less<>> gauges;
    std::map<std::string, HistogramFamily, std::less<>> histograms;
  };
  // Calls back under the registry's lock: for who reads all of them.
  void read(const std::function<void(const Families&)>& reader) const;

 private:
  mutable std::shared_mutex mutex_;
  Families families_;
};

}  // namespace writ::observe
