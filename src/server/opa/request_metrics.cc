#include "server/opa/request_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace writ::server {
namespace {

constexpr std::array<std::string_view, kHandlers> kHandlerNames = {
    "catchall",  "health",  "index",       "metrics",  "v0/data",  "v1/compile",
    "v1/config", "v1/data", "v1/policies", "v1/query", "v1/status"};
constexpr std::array<std::string_view, 7> kMethodNames = {"get",   "head",   "post",   "put",
                                                          "patch", "delete", "options"};
// What this server answers; 0 is any other.
constexpr std::array<int, 17> kCodes = {200, 204, 304, 400, 401, 404, 405, 408, 413,
                                        417, 429, 431, 500, 501, 503, 504, 0};

struct Bound {
  std::int64_t nanoseconds;
  std::string_view text;
};
constexpr std::array<Bound, 10> kBounds = {{{1'000, "1e-06"},
                                            {5'000, "5e-06"},
                                            {10'000, "1e-05"},
                                            {50'000, "5e-05"},
                                            {100'000, "0.0001"},
                                            {500'000, "0.0005"},
                                            {1'000'000, "0.001"},
                                            {10'000'000, "0.01"},
                                            {100'000'000, "0.1"},
                                            {1'000'000'000, "1"}}};

std::size_t code_index(int status) {
  const auto* const at = std::ranges::find(kCodes, status);
  return at == kCodes.end() ? kCodes.size() - 1 : static_cast<std::size_t>(at - kCodes.begin());
}

// One thread writes, others read.
void add(std::atomic<std::uint64_t>& to, std::uint64_t count) {
  to.store(to.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

struct RequestMetrics::Histogram {
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts{};
  std::atomic<std::uint64_t> nanoseconds{0};
};

// Made by its thread when they are first needed; never taken away.
struct RequestMetrics::Shard {
  static constexpr std::size_t kCells = kHandlers * kMethodNames.size() * kCodes.size();

  ~Shard() {
    for (const auto& cell : cells) delete cell.load();
  }
  Histogram& at(std::size_t index) {
    Histogram* found = cells[index].load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = std::make_unique<Histogram>().release();
      cells[index].store(found, std::memory_order_release);
    }
    return *found;
  }

  std::array<std::atomic<Histogram*>, kCells> cells{};
};

namespace {

std::size_t cell_of(std::size_t handler, std::size_t method, std::size_t code) {
  return (handler * kMethodNames.size() + method) * kCodes.size() + code;
}

}  // namespace

RequestMetrics::RequestMetrics(std::size_t loops) {
  for (std::size_t i = 0; i < loops; ++i) shards_.push_back(std::make_unique<Shard>());
}

RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::count(const net::ServerOptions::Served& served) {
  const std::size_t handler =
      served.route == nullptr ? static_cast<std::size_t>(Handler::catchall) : served.route->tag;
  const std::int64_t took = served.took.count();
  const auto* const bound =
      std::ranges::find_if(kBounds, [&](const Bound& b) { return took <= b.nanoseconds; });
  Histogram& histogram = shards_[served.loop]->at(
      cell_of(handler, static_cast<std::size_t>(served.method), code_index(served.status)));
  add(histogram.counts[static_cast<std::size_t>(bound - kBounds.begin())], 1);
  add(histogram.nanoseconds, static_cast<std::uint64_t>(std::max<std::int64_t>(took, 0)));
}

std::string RequestMetrics::text() const {
  constexpr std::string_view kName = "http_request_duration_seconds";
  std::string out = fmt::format(
      "# HELP {0} A histogram of duration for requests.\n"
      "# TYPE {0} histogram\n",
      kName);
  for (std::size_t index = 0; index < Shard::kCells; ++index) {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    std::uint64_t nanoseconds = 0;
    for (const auto& shard : shards_) {
      const Histogram* const histogram = shard->cells[index].load(std::memory_order_acquire);
      if (histogram == nullptr) continue;
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += histogram->counts[i].load();
      nanoseconds += histogram->nanoseconds.load();
    }
    const int code = kCodes[index % kCodes.size()];
    const std::size_t rest = index / kCodes.size();
    const std::string labels = fmt::format(
        R"(code="{}",handler="{}",method="{}")", code == 0 ? "other" : std::to_string(code),
        kHandlerNames[rest / kMethodNames.size()], kMethodNames[rest % kMethodNames.size()]);
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    if (sum == 0) continue;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      below += counts[i];
      fmt::format_to(std::back_inserter(out), "{}_bucket{{{},le=\"{}\"}} {}\n", kName, labels,
                     i < kBounds.size() ? kBounds[i].text : "+Inf", below);
    }
    fmt::format_to(std::back_inserter(out), "{0}_sum{{{1}}} {2:.9f}\n{0}_count{{{1}}} {3}\n", kName,
                   labels, static_cast<double>(nanoseconds) / 1e9, sum);
  }
  return out;
}

}  // namespace writ::server
