#pragma once
// Calls other people's HTTP servers: kept-alive connections in a pool for each origin, retries with
// back-off and jitter for what may be retried, and a breaker that stops asking an origin that
// does not answer. Blocking; thread-safe.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/http.h"

namespace writ::net {

struct ClientOptions {
  std::size_t idle_per_origin = 8;
  std::chrono::milliseconds idle_time{30'000};
  std::chrono::milliseconds connect_time{5'000};
  unsigned attempts = 3;                   // the first included
  std::chrono::milliseconds backoff{100};  // doubles; the wait is a random part of it
  std::chrono::milliseconds backoff_limit{5'000};
  unsigned breaker_failures = 5;  // in a row
  std::chrono::milliseconds breaker_time{10'000};
  std::string ca_file;  // PEM; empty: the system's
};

struct Call {
  Method method = Method::GET;
  // "http://host:port/path?query", "https://…", "unix:/run/writ.sock:/path".
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::chrono::milliseconds timeout{30'000};  // of one attempt, connecting to last byte
  std::chrono::milliseconds head_timeout{0};  // until its head has come; 0: as the whole
  std::chrono::milliseconds total_time{0};    // of all attempts with their pauses; 0: no limit
  std::size_t response_limit = 16u << 20;
  // Whether a request that may have been received can be sent again. Unset: by its method.
  std::optional<bool> is_repeatable;
};

struct OriginStats {
  std::string origin;  // "https://host:443"
  std::size_t idle = 0;
  std::size_t busy = 0;
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  std::uint64_t failures = 0;
  bool is_held_back = false;  // by the breaker
};

class Client {
 public:
  // `clock` and `random` are borrowed.
  Client(const Clock& clock, Random& random, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Part of the current span's trace, if there is one (observe/current_span.h): it is passed on as
  // `traceparent` and `tracestate`, and a span of its own where it is sampled.
  //
  // The response of whatever status: 500 is an answer. 429, 502, 503 and 504 are asked again while
  // attempts are left, after Retry-After if it says so and is short.
  // Errors: invalid_input (the URL), unavailable (no connection, held back by the breaker),
  // timed_out, cancelled, overloaded (a response over the limit).
  Result<Response> send(const Call& call, std::stop_token stop = {});

  std::vector<OriginStats> stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace writ::net
