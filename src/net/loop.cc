#include "net/loop.h"

#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

#include "net/connection.h"

namespace writ::net {
namespace {

// How late a deadline may be noticed.
constexpr std::chrono::milliseconds kTick{200};
// Buffers kept for the next connection that becomes busy.
constexpr std::size_t kSpareBuffers = 64;
// Behind the largest header there is this much room for a body, so that a header never moves while
// its body is read.
constexpr std::size_t kBodyRoom = 16u << 10;

}  // namespace

Loop::Loop(Service& service, std::size_t index)
    : service_(service), index_(index), work_(boost::asio::make_work_guard(io_)), timer_(io_) {}

Loop::~Loop() { stop(); }

void Loop::start() {
  tick();
  thread_ = std::thread([this] { io_.run(); });
}

void Loop::stop() {
  if (!thread_.joinable()) return;
  post([this] {
    timer_.cancel();
    each([](Connection& connection) { connection.close(); });
    work_.reset();
    io_.stop();
  });
  thread_.join();
}

// Over a copy: what is done to a connection may remove it.
template <typename Do>
void Loop::each(Do&& action) {
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) action(*connection);
}

void Loop::add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
  open_.store(connections_.size(), std::memory_order_relaxed);
}

void Loop::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  open_.store(connections_.size(), std::memory_order_relaxed);
}

std::vector<char> Loop::take_buffer() {
  if (buffers_.empty()) {
    return std::vector<char>(service_.options.limits.header_bytes + kBodyRoom);
  }
  std::vector<char> buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void Loop::give_buffer(std::vector<char> buffer) {
  if (!buffer.empty() && buffers_.size() < kSpareBuffers) buffers_.push_back(std::move(buffer));
}

void Loop::tick() {
  date_ = to_http_date(std::time(nullptr));
  const SteadyTime now = std::chrono::steady_clock::now();
  each([now](Connection& connection) { connection.sweep(now); });
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) tick();
  });
}

void Loop::post(std::function<void()> task) { boost::asio::post(io_, std::move(task)); }

void Loop::wake() {
  post([this] { each([](Connection& connection) { connection.wake(); }); });
}

void Loop::drain() {
  post([this] {
    is_draining_ = true;
    each([](Connection& connection) { connection.drain(); });
  });
}

}  // namespace writ::net
