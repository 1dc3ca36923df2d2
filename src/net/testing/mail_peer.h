#pragma once
// A mail server that says word by word what a test wants, in the open, to one client: for what no
// decent server would say.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace writ::net::testing {

class MailPeer {
 public:
  struct Step {
    std::string after;   // what the client's bytes have to end with; empty: says it at once
    std::string answer;  // all of it, with its line ends
  };

  // Hangs up behind the last step.
  explicit MailPeer(std::vector<Step> steps)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), steps_(std::move(steps)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    socklen_t size = sizeof at;
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~MailPeer() {
    finish();
    ::close(fd_);
  }
  MailPeer(const MailPeer&) = delete;
  MailPeer& operator=(const MailPeer&) = delete;

  std::uint16_t port() const { return port_; }
  // All that the client said, once it has gone.
  const std::string& said() {
    finish();
    return said_;
  }

 private:
  void finish() {
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    if (!waits(fd_)) return;
    const int client = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    for (const Step& step : steps_) {
      std::size_t from = said_.size();
      while (!std::string_view(said_).substr(from).ends_with(step.after)) {
        if (!read_some(client)) break;
      }
      ::send(client, step.answer.data(), step.answer.size(), MSG_NOSIGNAL);
    }
    ::shutdown(client, SHUT_WR);
    while (read_some(client)) {
    }
    ::close(client);
  }
  static bool waits(int fd) {
    pollfd waits{fd, POLLIN, 0};
    return ::poll(&waits, 1, 10'000) > 0;
  }
  bool read_some(int client) {
    char buffer[4096];
    if (!waits(client)) return false;
    const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    said_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  std::uint16_t port_ = 0;
  const std::vector<Step> steps_;
  std::string said_;  // the thread's own, until it has been joined
  std::thread thread_;
};

}  // namespace writ::net::testing
