#pragma once
// Load over HTTP from one thread: so many connections, each with one request under way, as wrk has
// them; every answer is looked at, and how long it took is kept.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench.h"

namespace writ::bench {

class Connection {
 public:
  explicit Connection(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      give_up("cannot connect to " + address);
    }
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return socket_; }
  void ask(std::string_view request) {
    answer_.clear();
    size_ = 0;
    asked_ = std::chrono::steady_clock::now();
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      give_up("a request was not taken whole");
    }
  }
  // Takes what has come. Whether the answer is whole; then `answer` has it.
  bool hear() {
    std::array<char, 16384> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) give_up("the server closed a connection");
    answer_.append(bytes.data(), static_cast<std::size_t>(count));
    if (size_ == 0) size_ = whole_size();
    return size_ != 0 && answer_.size() >= size_;
  }
  std::string_view answer() const { return answer_; }
  std::chrono::duration<double> took() const { return std::chrono::steady_clock::now() - asked_; }

 private:
  // Head and body; 0 while the head is not there.
  std::size_t whole_size() const {
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t head = answer_.find("\r\n\r\n");
    if (head == answer_.npos) return 0;
    const std::size_t at = answer_.find(kLength);
    if (at > head) give_up("an answer without a length: " + answer_);
    std::size_t body = 0;
    std::from_chars(answer_.data() + at + kLength.size(), answer_.data() + head, body);
    return head + 4 + body;
  }

  int socket_ = -1;
  std::string answer_;
  std::size_t size_ = 0;
  std::chrono::steady_clock::time_point asked_;
};

struct Load {
  std::string name;
  std::string address;  // "127.0.0.1:8181"
  // The next request; called once for each.
  std::function<std::string_view()> next;
  std::string status = "200";
  std::string body_end = {};  // with which every answer ends; empty: not looked at
};

inline Load constant(std::string name, std::string address, std::string request,
                     std::string body_end) {
  auto kept = std::make_shared<const std::string>(std::move(request));
  return {std::move(name), std::move(address), [kept] { return std::string_view(*kept); }, "200",
          std::move(body_end)};
}

struct LoadResult {
  double per_second = 0;
  std::vector<double> seconds;  // of each answer

  // p of 0 to 1. Requires: there were answers.
  double percentile(double p) const {
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
  }
};

inline void look_at(const Load& load, std::string_view answer) {
  if (answer.starts_with("HTTP/1.1 " + load.status) && answer.ends_with(load.body_end)) return;
  give_up(load.name + " was answered with " + std::string(answer));
}

inline LoadResult run(const Load& load, std::size_t connections, std::chrono::milliseconds time) {
  std::vector<std::unique_ptr<Connection>> open;
  const int events = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < connections; ++i) {
    Connection& one = *open.emplace_back(std::make_unique<Connection>(load.address));
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.ptr = &one;
    ::epoll_ctl(events, EPOLL_CTL_ADD, one.descriptor(), &wanted);
    one.ask(load.next());
  }
  LoadResult out;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < time) {
    std::array<epoll_event, 64> ready{};
    const int count = ::epoll_wait(events, ready.data(), ready.size(), 10'000);
    if (count <= 0) give_up(load.name + ": no answer within ten seconds");
    for (int i = 0; i < count; ++i) {
      Connection& one = *static_cast<Connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
      if (!one.hear()) continue;
      look_at(load, one.answer());
      out.seconds.push_back(one.took().count());
      one.ask(load.next());
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ::close(events);
  out.per_second = static_cast<double>(out.seconds.size()) / took.count();
  return out;
}

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view type = "application/json", std::string_view more = {}) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: bench\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}", path,
      type, more, body.size(), body);
}

}  // namespace writ::bench
