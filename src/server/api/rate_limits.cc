#include "server/api/rate_limits.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>

namespace writ::server {
namespace {

using Instant = std::chrono::steady_clock::time_point;

struct Bucket {
  std::string key;
  double tokens = 0;
  Instant at;
};

}  // namespace

RateTable rates_of(const contract::Settings& settings) {
  constexpr std::string_view kSection = "rates.";
  RateTable out;
  for (const contract::Setting& one : settings.all()) {
    if (!one.name.starts_with(kSection)) continue;
    const std::string& text = one.value.as_string();  // "300/100", as the contract has it
    const std::size_t slash = text.find('/');
    out[one.name.substr(kSection.size())] = {std::stod(text.substr(0, slash)),
                                             std::stod(text.substr(slash + 1))};
  }
  return out;
}

struct RateLimits::Shard {
  std::mutex mutex;
  std::size_t limit = 0;
  std::list<Bucket> buckets;  // the one that was used last stands first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key;

  Bucket& find(std::string key, double burst, Instant now) {
    if (const auto at = by_key.find(key); at != by_key.end()) {
      buckets.splice(buckets.begin(), buckets, at->second);
      return buckets.front();
    }
    if (buckets.size() >= limit) {
      by_key.erase(buckets.back().key);
      buckets.pop_back();
    }
    buckets.push_front({std::move(key), burst, now});
    by_key.emplace(buckets.front().key, buckets.begin());
    return buckets.front();
  }
};

RateLimits::RateLimits(RateTable table, const Clock& clock, std::size_t keys)
    : table_(std::move(table)), clock_(clock) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>();
    shard->limit = std::max<std::size_t>(1, keys / kShards);
  }
}

RateLimits::~RateLimits() = default;

std::chrono::milliseconds RateLimits::take(std::string_view rate, std::string_view who) {
  const auto row = table_.find(rate);
  if (row == table_.end() || row->second.burst <= 0) return std::chrono::milliseconds(0);
  const RateLimit& limit = row->second;
  std::string key = std::string(rate) + ' ' + std::string(who);
  Shard& shard = *shards_[std::hash<std::string_view>{}(key) % kShards];
  const Instant now = clock_.steady();
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = shard.find(std::move(key), limit.burst, now);
  const double passed = std::chrono::duration<double>(now - bucket.at).count();
  bucket.tokens = std::min(limit.burst, bucket.tokens + std::max(0.0, passed) * limit.per_second);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::chrono::milliseconds(0);
  }
  const double seconds = limit.per_second > 0 ? (1 - bucket.tokens) / limit.per_second : 3600;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

std::size_t RateLimits::kept() const {
  std::size_t out = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    out += shard->buckets.size();
  }
  return out;
}

}  // namespace writ::server
