#include "net/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "net/connection.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls_context.h"

namespace writ::net {
namespace {

namespace asio = boost::asio;
using Failure = boost::system::error_code;
using std::chrono::milliseconds;

// How long `accept` pauses when the process is out of descriptors: others may give theirs back.
constexpr milliseconds kAcceptPause{100};

// What the system may hold unsent for one peer. Without it a peer that does not listen has it take
// megabytes, and a few hundred of them what all of its connections may have together.
constexpr int kMostUnsent = 128 * 1024;

// A socket that knows nothing of TCP refuses both, and needs neither.
void tune(int socket) {
  const int on = 1;
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent, sizeof kMostUnsent);
}

unsigned loops_of(const ServerOptions& options) {
  return options.loops != 0 ? options.loops : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Router router)
      : service_{std::move(options), std::move(router), nullptr, {}} {}

  ~Impl() {
    service_.stop.request_stop();
    for (const auto& loop : loops_) loop->stop();
    // Handlers that still run post to loops that have stopped: the pool ends first, then the loops.
    service_.pool.reset();
  }

  Result<void> open() {
    ServerOptions& options = service_.options;
    options.loops = loops_of(options);
    service_.pool = std::make_unique<WorkerPool>(options.pool_threads, options.limits.pool_queue);
    for (unsigned i = 0; i < options.loops; ++i) {
      loops_.push_back(std::make_unique<Loop>(service_, i));
    }
    const bool uses_tls = std::any_of(options.endpoints.begin(), options.endpoints.end(),
                                      [](const Endpoint& e) { return e.uses_tls; });
    if (uses_tls) WRIT_CHECK(reload_tls());
    for (const Endpoint& endpoint : options.endpoints) WRIT_CHECK(listen(endpoint));
    for (const auto& loop : loops_) loop->start();
    for (const auto& listener : listeners_) accept(*listener);
    return {};
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> out;
    for (const auto& listener : listeners_) out.push_back(listener->address);
    return out;
  }

  ServerStats stats() const {
    ServerStats stats;
    stats.accepted = accepted_.load();
    stats.refused = refused_.load();
    for (const auto& loop : loops_) {
      stats.requests += loop->requests.load();
      stats.timed_out += loop->timed_out.load();
      stats.open += loop->open();
    }
    return stats;
  }

  void wake() {
    for (const auto& loop : loops_) loop->wake();
  }

  Result<void> reload_tls() {
    WRIT_TRY(auto context, make_server_context(service_.options.tls));
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(context);
    return {};
  }

  void drain(milliseconds patience) {
    for (const auto& listener : listeners_) {
      std::promise<void> closed;
      loops_.front()->post([&] {
        Failure ignored;
        listener->acceptor.close(ignored);
        closed.set_value();
      });
      closed.get_future().wait();
    }
    for (const auto& loop : loops_) loop->drain();
    const auto until = std::chrono::steady_clock::now() + patience;
    while (stats().open > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    service_.stop.request_stop();
    for (const auto& loop : loops_) loop->stop();
  }

 private:
  // All listeners live on the first loop; their connections go round all of them.
  struct Listener {
    RawAcceptor acceptor;
    std::string address;
    bool uses_tls;
    asio::steady_timer pause;
  };

  Result<void> listen(const Endpoint& endpoint) {
    asio::io_context& io = loops_.front()->io();
    WRIT_TRY(const RawEndpoint raw, parse_endpoint(endpoint.address));
    WRIT_TRY(RawAcceptor acceptor, listen_on(io, raw, endpoint.address));
    std::string address = to_text(acceptor.local_endpoint());
    listeners_.push_back(std::make_unique<Listener>(Listener{
        std::move(acceptor), std::move(address), endpoint.uses_tls, asio::steady_timer(io)}));
    return {};
  }

  void accept(Listener& listener) {
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    listener.acceptor.async_accept(loop.io(),
                                   [this, &listener, &loop](const Failure& ec, Socket socket) {
                                     if (ec == asio::error::operation_aborted) return;
                                     if (ec) return accept_later(listener);
                                     accepted_.fetch_add(1, std::memory_order_relaxed);
                                     take(loop, std::move(socket), listener.uses_tls);
                                     accept(listener);
                                   });
  }

  void accept_later(Listener& listener) {
    listener.pause.expires_after(kAcceptPause);
    listener.pause.async_wait([this, &listener](const Failure& ec) {
      if (!ec && listener.acceptor.is_open()) accept(listener);
    });
  }

  void take(Loop& loop, Socket socket, bool uses_tls) {
    Failure ignored;  // a peer that has gone already shows at the first read
    std::string peer = to_text(socket.remote_endpoint(ignored));
    if (stats().open >= service_.options.limits.connections) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return;  // closes it
    }
    tune(socket.native_handle());
    std::shared_ptr<asio::ssl::context> context;
    if (uses_tls) {
      const std::lock_guard lock(tls_mutex_);
      context = tls_;
    }
    auto shared = std::make_shared<Socket>(std::move(socket));  // std::function wants a copy
    loop.post([&loop, shared, context, peer = std::move(peer)]() mutable {
      auto transport = context ? make_tls_transport(std::move(*shared), *context)
                               : make_plain_transport(std::move(*shared));
      std::make_shared<Connection>(loop, std::move(transport), std::move(peer))->start();
    });
  }

  Service service_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t next_loop_ = 0;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;  // shared with the accepts under way
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, std::vector<Route> routes) {
  WRIT_TRY(Router router, Router::build(std::move(routes)));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(router));
  WRIT_CHECK(impl->open());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

unsigned Server::loops(const ServerOptions& options) { return loops_of(options); }

std::size_t Server::workers(const ServerOptions& options) {
  return loops_of(options) + options.pool_threads;
}

std::vector<std::string> Server::addresses() const { return impl_->addresses(); }
ServerStats Server::stats() const { return impl_->stats(); }
void Server::wake() { impl_->wake(); }
Result<void> Server::reload_tls() { return impl_->reload_tls(); }
void Server::drain(std::chrono::milliseconds patience) { impl_->drain(patience); }

}  // namespace writ::net
