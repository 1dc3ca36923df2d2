#pragma once
// A peer that sends whatever bytes a test wants, for what no decent client would send.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace writ::net::testing {

class RawPeer {
 public:
  // "127.0.0.1:PORT"
  explicit RawPeer(const std::string& address)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(
        std::strtoul(address.substr(address.rfind(':') + 1).c_str(), nullptr, 10)));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~RawPeer() { ::close(fd_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  // Reads until `mark` was seen, the server closed, or ten seconds passed.
  std::string read_until(std::string_view mark) {
    while (seen_.find(mark) == std::string::npos && read_some()) {
    }
    return seen_;
  }
  // Everything until the server closes.
  std::string read_all() {
    while (read_some()) {
    }
    return seen_;
  }
  // Whether the server closes within ten seconds.
  bool is_closed() {
    while (read_some()) {
    }
    return is_closed_;
  }
  void forget() { seen_.clear(); }

 private:
  bool read_some() {
    pollfd waits{fd_, POLLIN, 0};
    if (::poll(&waits, 1, 10'000) <= 0) return false;
    char buffer[4096];
    const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) {
      is_closed_ = true;
      return false;
    }
    seen_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  std::string seen_;
  bool is_closed_ = false;
};

}  // namespace writ::net::testing
