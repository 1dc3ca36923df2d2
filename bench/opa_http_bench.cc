// Decisions over HTTP: the RBAC set of 1,000 users and 100 roles, and a rule that compares one
// string, against what the same server answers without deciding anything. One thread drives eight
// connections, each with one request under way, as wrk does.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "bench.h"
#include "server/writ_server.h"

namespace {

using namespace writ;
using namespace writ::bench;

constexpr int kConnections = 8;
constexpr int kRounds = 5;
constexpr std::chrono::milliseconds kRound{600};
constexpr double kBudgetPerSecond = 40'000;
constexpr double kBudgetRatio = 0.5;
constexpr std::size_t kDataSize = 102'364;

// The set that other engines were measured with.
constexpr const char* kMakeData = R"(import json, random, sys
r = random.Random(1)
roles = {"user%d" % i: ["role%d" % x for x in r.sample(range(100), 5)] for i in range(1000)}
grants = {"role%d" % i: [{"action": r.choice(("read", "write", "delete", "list", "update")),
                          "type": "type%d" % r.randrange(50)} for _ in range(10)]
          for i in range(100)}
open(sys.argv[1], "w").write(json.dumps({"user_roles": roles, "role_grants": grants})))";

constexpr std::string_view kRbac = R"(package policy["restapi"]

default allow := false

allow if {
	some role in data.user_roles[input.user]
	some grant in data.role_grants[role]
	grant.action == input.action
	grant.type == input.type
}
)";
constexpr std::string_view kTrivial = R"(package trivial

default allow := false

allow if input.user == "user500"
)";

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
  void ask(std::string_view request) const {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      give_up("a request was not taken whole");
    }
  }
  std::string_view hear() {
    const ssize_t count = ::recv(socket_, bytes_.data(), bytes_.size(), 0);
    if (count <= 0) give_up("the server closed a connection");
    return {bytes_.data(), static_cast<std::size_t>(count)};
  }
  std::size_t missing = 0;  // bytes of the answer under way

 private:
  int socket_ = -1;
  std::array<char, 4096> bytes_{};
};

struct Load {
  std::string name;
  std::string request;
  std::string body;  // that is expected
  std::vector<double> per_second;
};

std::string post(std::string_view path, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      path, body.size(), body);
}

// Every answer to one request has the same length. Looks at the first one.
std::size_t answer_size(const std::string& address, const Load& load) {
  Connection connection(address);
  connection.ask(load.request);
  const std::string answer(connection.hear());
  if (!answer.starts_with("HTTP/1.1 200") || !answer.ends_with("\r\n\r\n" + load.body + "\n")) {
    give_up(load.name + " was answered with " + answer);
  }
  return answer.size();
}

double per_second(const std::string& address, const Load& load) {
  const std::size_t size = answer_size(address, load);
  std::vector<std::unique_ptr<Connection>> connections;
  const int events = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < kConnections; ++i) {
    auto& one = connections.emplace_back(std::make_unique<Connection>(address));
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.ptr = one.get();
    ::epoll_ctl(events, EPOLL_CTL_ADD, one->descriptor(), &wanted);
    one->missing = size;
    one->ask(load.request);
  }
  std::size_t answered = 0;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < kRound) {
    std::array<epoll_event, kConnections> ready{};
    const int count = ::epoll_wait(events, ready.data(), kConnections, 1000);
    if (count <= 0) give_up(load.name + ": no answer within a second");
    for (int i = 0; i < count; ++i) {
      auto& one = *static_cast<Connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
      one.missing -= std::min(one.missing, one.hear().size());
      if (one.missing > 0) continue;
      ++answered;
      one.missing = size;
      one.ask(load.request);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ::close(events);
  return static_cast<double>(answered) / took.count();
}

void write_inputs(const std::filesystem::path& place) {
  must(replace_file(place / "make.py", kMakeData));
  must(replace_file(place / "rbac.rego", kRbac));
  must(replace_file(place / "trivial.rego", kTrivial));
  const std::string command =
      fmt::format("python3 {}/make.py {}/data.json", place.string(), place.string());
  if (std::system(command.c_str()) != 0) give_up("python3 cannot make the data");
  const auto size = std::filesystem::file_size(place / "data.json");
  if (size != kDataSize) give_up(fmt::format("the data has {} bytes, not {}", size, kDataSize));
}

}  // namespace

int main() {
  const Place place(std::filesystem::temp_directory_path());
  write_inputs(place.path());
  const SystemClock clock;
  SystemRandom random;
  server::WritServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  options.policy.directory = place.path();
  for (const char* name : {"data.json", "rbac.rego", "trivial.rego"}) {
    options.policy.files.push_back(place.path() / name);
  }
  const auto server = must(server::WritServer::start(options, clock, random));
  const std::string address = server->addresses().front();
  constexpr std::string_view kInput =
      R"({"input":{"user":"user500","action":"read","type":"type27"}})";
  Load loads[] = {
      {"static", "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n", "{}", {}},
      {"trivial", post("/v1/data/trivial/allow", kInput), R"({"result":true})", {}},
      {"rbac", post("/v1/data/policy/restapi/allow", kInput), R"({"result":true})", {}}};
  for (int round = 0; round < kRounds; ++round) {
    for (Load& load : loads) load.per_second.push_back(per_second(address, load));
  }
  fmt::print("requests a second, {} connections, median of {} rounds\n", kConnections, kRounds);
  for (const Load& load : loads) {
    fmt::print("{:<10}{:>12.0f}\n", load.name, median(load.per_second));
  }
  const double floor = median(loads[0].per_second);
  const double ours = median(loads[2].per_second);
  report({.path = "Rego RBAC decision over HTTP, 8 connections",
          .floor = fmt::format("{:.0f} /s static answer", floor),
          .ours = fmt::format("{:.0f} /s", ours),
          .ratio = fmt::format("{:.2f}", ours / floor),
          .target = ">= 40,000 /s, >= 0.5",
          .is_met = ours >= kBudgetPerSecond && ours / floor >= kBudgetRatio});
}
