#pragma once
// One thread with an event queue, and the connections that live on it. Everything a connection
// does happens on its loop's thread; only handlers on the pool run elsewhere, and post their
// answer back.
//
// Private to net.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "net/router.h"
#include "net/server.h"
#include "net/worker_pool.h"

namespace writ::net {

class Connection;
using SteadyTime = std::chrono::steady_clock::time_point;

// What all connections of a server share; constant while it runs.
struct Service {
  ServerOptions options;  // with the number of loops as it is
  Router router;
  std::unique_ptr<WorkerPool> pool;
  std::stop_source stop;
};

class Loop {
 public:
  // `index`: among the server's loops.
  Loop(Service& service, std::size_t index);
  // Closes what is open.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();
  void stop();
  boost::asio::io_context& io() { return io_; }
  Service& service() { return service_; }
  std::size_t index() const { return index_; }

  // On the loop's thread.
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  std::string_view date() const { return date_; }
  bool is_draining() const { return is_draining_; }
  // Buffers of connections that were idle meanwhile; all of one size.
  std::vector<char> take_buffer();
  void give_buffer(std::vector<char> buffer);

  // From any thread.
  void post(std::function<void()> task);
  void wake();
  void drain();
  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> timed_out{0};

 private:
  void tick();
  template <typename Do>
  void each(Do&& action);

  Service& service_;
  const std::size_t index_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::vector<std::vector<char>> buffers_;
  std::atomic<std::size_t> open_{0};
  std::string date_;
  bool is_draining_ = false;
  std::thread thread_;
};

}  // namespace writ::net
