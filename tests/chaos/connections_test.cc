// Peers that do to the server what peers do: they stay silent, speak slowly, speak too much, go
// half away, do not listen. Others are served meanwhile, and what it costs in memory is bounded.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "serve_process.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = 1u << 20;

class Peer {
 public:
  // `number`: of the address that it comes from, 127.1.0.0 and that many.
  explicit Peer(const std::string& host, std::uint32_t number = 1) {
    const std::size_t colon = host.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host.substr(colon + 1))));
    ::inet_pton(AF_INET, host.substr(0, colon).c_str(), &to.sin_addr);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // What waits to be heard is the peer's own; on this machine it would take the server's share.
    const int heard = 32 * 1024;
    EXPECT_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &heard, sizeof heard), 0);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl((127u << 24) + (1u << 16) + number);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  Peer(Peer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Peer& operator=(Peer&&) = delete;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (socket_ >= 0) ::close(socket_);
  }

  // False where the server has gone.
  bool say(std::string_view text) const {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(text.size());
  }
  void say_no_more() const { ::shutdown(socket_, SHUT_WR); }
  // Until the server closes; what came in `patience` where it does not.
  std::string hear_all(std::chrono::milliseconds patience = 60s) const {
    std::string out;
    pollfd waits{socket_, POLLIN, 0};
    char bytes[16384];
    while (::poll(&waits, 1, static_cast<int>(patience.count())) > 0) {
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return out;
      out.append(bytes, static_cast<std::size_t>(count));
    }
    ADD_FAILURE() << "the connection was left open";
    return out;
  }

 private:
  int socket_ = -1;
};

std::string get(const std::string& path, const std::string& fields = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}

class Connections : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<ServeProcess>(
        directory_.path().string(),
        Environment{{"WRIT_STORE", "sqlite:" + (directory_.path() / "writ.db").string()}},
        (directory_.path() / "log").string());
    expect_served();
    before_ = server_->resident_bytes();
  }
  void TearDown() override {
    if (IsSkipped()) return;
    expect_served();
    EXPECT_TRUE(server_->is_alive());
  }

  void expect_served() const {
    const Peer other(server_->host());
    ASSERT_TRUE(other.say(get("/healthz")));
    const std::string answer = other.hear_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  }
  // Against what the server had before the test's peers came.
  void expect_growth_below(std::size_t bytes) const {
    const std::size_t most = server_->most_resident_bytes();
    std::cout << "[   memory ] " << before_ / kMiB << " MiB before, " << most / kMiB
              << " MiB at most\n";
    EXPECT_LT(most, before_ + bytes);
  }
  // Each from an address of its own: limits of one address are not what holds them.
  std::vector<Peer> peers(std::uint32_t count) const {
    std::vector<Peer> out;
    out.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) out.emplace_back(server_->host(), 2 + i);
    return out;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ServeProcess> server_;
  std::size_t before_ = 0;
};

TEST_F(Connections, TenThousandThatAreSilentKeepNobodyWaiting) {
  constexpr std::uint32_t kMany = 10'000;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < kMany + 1'000) GTEST_SKIP() << "skipped: too few files may be open here";
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  // A server inherits what this process may open.
  server_ = nullptr;
  SetUp();
  const std::vector<Peer> silent = peers(kMany);
  for (int i = 0; i < 100; ++i) expect_served();
  expect_growth_below(64 * kMiB);
}

TEST_F(Connections, ThatSpeakSlowlyAreGivenUp) {
  const std::vector<Peer> slow = peers(500);
  for (const Peer& one : slow) ASSERT_TRUE(one.say("GET /healthz HTTP/1.1\r\nHost: "));
  for (int i = 0; i < 20; ++i) {
    for (const Peer& one : slow) (void)one.say("x");
    expect_served();
  }
  for (const Peer& one : slow) {
    const std::string answer = one.hear_all();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 408 ")) << answer;
  }
  expect_growth_below(64 * kMiB);
}

TEST_F(Connections, ThatSpeakTooMuchAreRefused) {
  const std::string endless(64u << 10, 'x');
  for (int i = 0; i < 500; ++i) {
    const Peer one(server_->host());
    (void)one.say("GET /healthz HTTP/1.1\r\nHost: test\r\nX-Much: " + endless);
    const std::string answer = one.hear_all();
    // A reset may overtake the answer to bytes that nobody read.
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 431 ")) << answer;
  }
  expect_growth_below(64 * kMiB);
}

TEST_F(Connections, ThatSayNoMoreGetTheirAnswer) {
  const std::vector<Peer> half = peers(500);
  for (const Peer& one : half) {
    ASSERT_TRUE(one.say(get("/healthz", "")));
    one.say_no_more();
  }
  for (const Peer& one : half) {
    const std::string answer = one.hear_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  }
  const std::vector<Peer> cut = peers(500);
  for (const Peer& one : cut) {
    ASSERT_TRUE(one.say("POST /v1/query HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{"));
    one.say_no_more();
  }
  for (const Peer& one : cut) {
    const std::string answer = one.hear_all();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 400 ")) << answer;
  }
  expect_growth_below(64 * kMiB);
}

TEST_F(Connections, ThatDoNotListenAreNotWrittenFor) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += get("/openapi.json", "");
  const std::vector<Peer> deaf = peers(200);
  for (const Peer& one : deaf) (void)one.say(many);
  for (int i = 0; i < 20; ++i) expect_served();
  expect_growth_below(256 * kMiB);
}

}  // namespace
}  // namespace writ::chaos
