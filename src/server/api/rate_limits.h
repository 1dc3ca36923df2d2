#pragma once
// How often one caller may ask: a token bucket for each class of operations (`x-rate`) and each
// who. A bucket that is full again is no different from none, so few are kept: the oldest go first.
//
// Thread-safe.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "contract/settings.h"

namespace writ::server {

struct RateLimit {
  double burst = 0;       // requests at once; 0: no limit
  double per_second = 0;  // that come back
};

using RateTable = std::map<std::string, RateLimit, std::less<>>;

// By class, as `rates` of the settings say.
RateTable rates_of(const contract::Settings& settings);

class RateLimits {
 public:
  // `keys`: buckets that are kept at most. `clock` is borrowed.
  RateLimits(RateTable table, const Clock& clock, std::size_t keys = 65'536);
  ~RateLimits();

  // Takes a token: zero, or how long until there is one. A class that the table does not know has
  // no limit.
  std::chrono::milliseconds take(std::string_view rate, std::string_view who);
  std::size_t kept() const;

 private:
  struct Shard;
  static constexpr std::size_t kShards = 16;

  const RateTable table_;
  const Clock& clock_;
  std::array<std::unique_ptr<Shard>, kShards> shards_;
};

}  // namespace writ::server
