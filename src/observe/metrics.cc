#include "observe/metrics.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/result.h"

namespace writ::observe {
namespace {

constexpr std::string_view kOther = "other";

// Adds where the processor has no instruction for it.
void add_to(std::atomic<double>& sum, double difference) {
  double seen = sum.load(std::memory_order_relaxed);
  while (!sum.compare_exchange_weak(seen, seen + difference, std::memory_order_relaxed)) {
  }
}

// The family of that name, made where it is new.
template <typename Map, typename Make>
auto& find_or_make(std::shared_mutex& mutex, Map& families, std::string_view name, Make make) {
  const std::unique_lock lock(mutex);
  auto found = families.find(name);
  if (found == families.end()) found = families.emplace(std::string(name), make()).first;
  return found->second;
}

}  // namespace

void Gauge::add(double difference) { add_to(value_, difference); }

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  add_to(sum_, value);
}

Histogram::Reading Histogram::read() const {
  Reading out;
  for (const auto& count : counts_) out.counts.push_back(count.load(std::memory_order_relaxed));
  out.sum = sum_.load(std::memory_order_relaxed);
  return out;
}

std::span<const double> duration_bounds() {
  static constexpr std::array<double, 16> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                     1,      2.5,     5,      10};
  return kBounds;
}

template <typename Metric>
Metric& Family<Metric>::with(std::initializer_list<std::string_view> values) {
  WRIT_ASSERT(values.size() == text_.labels.size());
  std::vector<std::string> key(values.begin(), values.end());
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = series_.find(key); found != series_.end()) return *found->second;
  }
  const std::unique_lock lock(mutex_);
  if (series_.size() >= most_ && !series_.contains(key)) std::ranges::fill(key, kOther);
  auto& series = series_[std::move(key)];
  if (series == nullptr) series = make_();
  return *series;
}

template <typename Metric>
void Family<Metric>::each(
    const std::function<void(const std::vector<std::string>&, const Metric&)>& tell) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [values, metric] : series_) tell(values, *metric);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

Family<Counter>& Metrics::counters(std::string_view name, std::string_view help,
                                   std::vector<std::string> labels, std::size_t most) {
  return *find_or_make(mutex_, families_.counters, name, [&] {
    return std::make_unique<Family<Counter>>(
        MetricText{std::string(name), std::string(help), std::move(labels)}, most,
        [] { return std::make_unique<Counter>(); });
  });
}

Family<Gauge>& Metrics::gauges(std::string_view name, std::string_view help,
                               std::vector<std::string> labels, std::size_t most) {
  return *find_or_make(mutex_, families_.gauges, name, [&] {
    return std::make_unique<Family<Gauge>>(
        MetricText{std::string(name), std::string(help), std::move(labels)}, most,
        [] { return std::make_unique<Gauge>(); });
  });
}

Family<Histogram>& Metrics::histograms(std::string_view name, std::string_view help,
                                       std::vector<std::string> labels,
                                       std::span<const double> bounds, std::size_t most) {
  const auto make = [&] {
    return HistogramFamily{
        bounds, std::make_unique<Family<Histogram>>(
                    MetricText{std::string(name), std::string(help), std::move(labels)}, most,
                    [bounds] { return std::make_unique<Histogram>(bounds); })};
  };
  return *find_or_make(mutex_, families_.histograms, name, make).family;
}

void Metrics::read(const std::function<void(const Families&)>& reader) const {
  const std::shared_lock lock(mutex_);
  reader(families_);
}

}  // namespace writ::observe
