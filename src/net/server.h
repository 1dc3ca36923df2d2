#pragma once
// An HTTP/1.1 server. One event loop per thread; handlers run on a loop or on a bounded pool.
// Bounded in everything a peer can ask for: connections, header, body, requests in a row, time.
//
// Thread-safe. `start` returns when the sockets listen.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/handler.h"

namespace writ::net {

// Where to listen: "127.0.0.1:8181", "[::1]:0", "unix:/run/writ.sock". A port of 0 takes any.
// A Unix socket gets mode 0600, and a stale one of a dead server is replaced.
struct Endpoint {
  std::string address;
  bool uses_tls = false;
};

struct TlsFiles {
  std::string certificate;  // PEM chain
  std::string key;          // PEM
};

struct ServerLimits {
  std::size_t connections = 20'000;
  std::size_t header_bytes = 16u << 10;  // request line and fields; more is 431
  std::size_t pipelined = 64;            // requests answered before their bytes are written
  std::chrono::milliseconds header_time{10'000};  // from the first byte to the last field
  std::chrono::milliseconds body_time{60'000};
  std::chrono::milliseconds idle_time{75'000};   // between two requests
  std::chrono::milliseconds write_time{60'000};  // without any progress
  std::size_t pool_queue = 1024;                 // waiting handlers; more is 429
};

struct ServerOptions {
  std::vector<Endpoint> endpoints;
  unsigned loops = 0;         // threads; 0: as many as processors
  unsigned pool_threads = 8;  // for `Runs::on_pool`
  ServerLimits limits;
  TlsFiles tls;
  // Turns an error that a handler (or the server itself) returned into a response; by default
  // problem+json (net/problem.h). `status`: of what the server itself refuses (405, 413, 431, …);
  // 0: what the error's code says.
  std::function<Response(const Error&, const Request&, int status)> render_error;
  // Called after every answer, on the thread that gave it: access logs and metrics.
  struct Served {
    const Route* route;  // null: no such route
    Method method;
    std::string_view target;
    std::string_view peer;
    int status;
    std::size_t bytes_in;
    std::size_t bytes_out;
    std::chrono::nanoseconds took;
    std::size_t loop;             // whose thread this is: below the number of loops
    std::string_view trace = {};  // Context::trace; empty: the handler has said none
  };
  std::function<void(const Served&)> on_served;
};

struct ServerStats {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // over the limit of connections
  std::uint64_t requests = 0;
  std::uint64_t timed_out = 0;
  std::size_t open = 0;
};

class Server {
 public:
  // Errors: invalid_input (routes, an address, no certificate), unavailable (address in use).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, std::vector<Route> routes);
  // Stops at once, without draining.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // How many threads there are for connections: values of Served::loop.
  static unsigned loops(const ServerOptions& options);
  // How many threads run handlers: values of Context::worker. Known before `start`.
  static std::size_t workers(const ServerOptions& options);

  // As listened on, with the ports that were taken: "127.0.0.1:40123".
  std::vector<std::string> addresses() const;
  ServerStats stats() const;

  // Asks every subscription for news.
  void wake();
  // Reads certificate and key again; open connections keep theirs. Errors: invalid_input.
  Result<void> reload_tls();
  // Listens no more, answers what is under way with `Connection: close`, ends subscriptions, and
  // closes what is left after `patience`. Blocks until all is closed.
  void drain(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace writ::net
