#pragma once
// What answers a request: a plain function of a request and its context. It may return a whole
// response, or a subscription that the server holds while there is more to come.
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/http.h"

namespace writ::net {

// One request, whole. All views live in the connection until the answer was given.
struct Request {
  Method method = Method::GET;
  std::string_view target;  // as sent: path and query
  std::string_view path;    // still escaped; always begins with '/'
  std::string_view query;   // without the '?'
  Fields fields;
  std::string_view body;
};

struct Context {
  // Values of the route's parameters, decoded, in the order of the pattern.
  std::vector<std::string> parameters;
  std::string_view peer;                           // "127.0.0.1:4711", "unix"
  bool is_encrypted = false;                       // came over TLS
  std::chrono::steady_clock::time_point deadline;  // when the answer is given up
  std::stop_token stop;                            // requested when the server stops at last
  // Of the thread that runs the handler: below Server::workers(), each thread its own. For what a
  // thread keeps from one request to the next.
  std::size_t worker = 0;
  bool is_on_pool = false;
  // Under which id the handler speaks of the request; shows in ServerOptions::Served.
  std::string trace = {};
};

// Bytes that come over time: server-sent events, an answer that waits for news. The server calls
// `next` on its pool, never twice at the same time: at once, after each `Server::wake`, and every
// `interval`; after a wake only where `has_news` does not know better. When the peer has gone, it
// is destroyed.
struct Subscription {
  struct News {
    std::string bytes;                    // empty: nothing new
    bool is_last = false;                 // the response ends after `bytes`
    std::optional<Response> answer = {};  // of a late subscription: all of it, and the end
  };
  Response head;  // its body is ignored
  // Nothing is sent, the head neither, until news come with an answer: a request that waits for
  // something that decides its status.
  bool is_late = false;
  std::function<Result<News>()> next;
  // Empty: there may always be some. Asked on the loop, and never while `next` runs: it may not
  // wait for anything.
  std::function<bool()> has_news = {};
  std::chrono::milliseconds interval{15'000};
  std::string heartbeat;  // sent when an interval passed without news; ":\n\n" for events
};

// What a handler on the loop says that finds its request to be more than a moment's work: it is
// called again on the pool. Requires: nothing has been done yet.
struct Elsewhere {};

using Answer = std::variant<Response, Subscription, Elsewhere>;
using Handler = std::function<Result<Answer>(const Request&, Context&)>;

// Where a handler runs. `loop` only what never blocks and takes microseconds.
enum class Runs : std::uint8_t { on_loop, on_pool };

struct Route {
  Method method = Method::GET;
  // "/v1/runs/{run}/steps/{step...}": `{name}` is one segment, `{name...}` the rest of the path,
  // which may be empty. Literal segments win over parameters.
  std::string pattern;
  Handler handler;
  Runs runs = Runs::on_pool;
  std::size_t body_limit = 1u << 20;          // bytes; more is 413
  std::size_t tag = 0;                        // the caller's own; shows in ServerOptions::Served
  std::chrono::milliseconds timeout{30'000};  // until the handler has answered; then 504
};

}  // namespace writ::net
