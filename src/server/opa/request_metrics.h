#pragma once
// How long requests took, by handler, method and status, as OPA's /metrics says it. Each event loop
// counts into cells of its own, so that counting takes no lock and shares no cache line; readers
// add up.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/server.h"

namespace writ::server {

// What routes are counted as: net::Route::tag.
enum class Handler : std::uint8_t {
  catchall,  // no route
  health,
  index,
  metrics,
  v0_data,
  v1_compile,
  v1_config,
  v1_data,
  v1_policies,
  v1_query,
  v1_status,
};
inline constexpr std::size_t kHandlers = 11;

class RequestMetrics {
 public:
  explicit RequestMetrics(std::size_t loops);
  ~RequestMetrics();

  // On the thread of the loop that answered.
  void count(const net::ServerOptions::Served& served);
  // From any thread: http_request_duration_seconds in the text format of Prometheus.
  std::string text() const;

 private:
  struct Histogram;
  struct Shard;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace writ::server
