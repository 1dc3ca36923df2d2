// The server's own API over HTTP, with callers that are known: decisions about access, sign-ins,
// events written down, and how long decisions take while passwords are tried. Beside them what
// answers without work: this server's liveness, and nginx with a file, where it is installed.
//
//   api_http_bench [milliseconds a round]
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "api_server.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/random.h"
#include "http_load.h"

namespace {

using namespace writ;
using namespace writ::bench;

constexpr std::size_t kConnections = 8;
constexpr int kRounds = 5;
constexpr std::size_t kBatch = 100;
constexpr std::string_view kRoot = "username=root%40example.org&password=violet+harbour+71+lamps";
// Somebody else: whoever signs in often ends their own oldest sessions.
constexpr std::string_view kSignIn = "username=ada%40example.org&password=violet+harbour+71+lamps";

// nginx with one file, on a port of its own; ends with the benchmark. Empty address: there is none.
class Nginx {
 public:
  explicit Nginx(const std::filesystem::path& place) {
    if (std::system("command -v nginx >/dev/null 2>&1") != 0) return;
    const std::filesystem::path here = place / "nginx";
    std::filesystem::create_directories(here);
    must(replace_file(here / "ok", "{\"status\":\"ok\"}\n"));
    // nginx takes no port of 0.
    constexpr std::string_view kAddress = "127.0.0.1:38431";
    must(replace_file(
        here / "conf",
        fmt::format("daemon off; user root; worker_processes 2; pid {0}/pid; error_log {0}/error;\n"
                    "events {{ worker_connections 1024; }}\n"
                    "http {{ access_log off; client_body_temp_path {0}; proxy_temp_path "
                    "{0}; fastcgi_temp_path {0}; uwsgi_temp_path {0}; scgi_temp_path "
                    "{0}; keepalive_requests 100000000; server {{ listen {1}; root {0}; "
                    "}} }}\n",
                    here.string(), kAddress)));
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a benchmark that gives up leaves nothing behind
      ::execlp("nginx", "nginx", "-e", "/dev/null", "-c", (here / "conf").c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 100 && !std::filesystem::exists(here / "pid"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    address_ = kAddress;
  }
  ~Nginx() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  const std::string& address() const { return address_; }

 private:
  pid_t pid_ = 0;
  std::string address_;
};

std::string token_of(const std::string& address) {
  const std::string body = ask(address, post("/auth/jwt/login", kRoot, kForm));
  return std::string(must(parse_json(body, "token")).string_or("access_token", ""));
}

// A thousand policies of a hundred roles, one of which `ada` holds.
void write_policies(const std::string& address, const std::string& bearer) {
  Array policies;
  for (int role = 0; role < 100; ++role) {
    for (int object = 0; object < 10; ++object) {
      policies.push_back(Object{{"subject", fmt::format("role{}", role)},
                                {"object", fmt::format("data{}", object)},
                                {"action", "read"}});
    }
  }
  const auto send = [&](std::string_view path, Value body) {
    (void)ask(address, post(path, to_json(std::move(body)), "application/json", bearer));
  };
  send("/rbac/policies/bulk", Object{{"add", std::move(policies)}});
  for (int role = 0; role < 100; ++role) {
    send("/rbac/roles", Object{{"name", fmt::format("role{}", role)}});
  }
  send("/rbac/users/ada/roles", Object{{"role", "role50"}});
}

// Never the same events twice.
Load events(const std::string& address, const std::string& bearer, const Clock& clock,
            Random& random) {
  auto kept = std::make_shared<std::string>();
  return {"events", address, [=, &clock, &random] {
            Array batch;
            for (std::size_t i = 0; i < kBatch; ++i) {
              batch.push_back(Object{{"specversion", "1.0"},
                                     {"id", Uuid::v7(clock, random).text()},
                                     {"source", "urn:bench"},
                                     {"type", "bench.happened"},
                                     {"data", Object{{"text", std::string(200, 'x')}}}});
            }
            *kept = post("/writ/v1/events", to_json(std::move(batch)),
                         "application/cloudevents-batch+json", bearer);
            return std::string_view(*kept);
          }};
}

struct Row {
  Load load;
  std::size_t connections = kConnections;
  std::vector<double> rates = {};
};

void check_under_flood(const Load& check, const Load& sign_in, std::chrono::milliseconds time) {
  const double alone = run(check, 1, time * 2).percentile(0.99) * 1e6;
  std::jthread flood([&] { (void)run(sign_in, kConnections, time * 3); });
  std::this_thread::sleep_for(time / 2);
  const double beside = run(check, 1, time * 2).percentile(0.99) * 1e6;
  flood.join();
  report({.path = "p99 of an access check while passwords are tried over 8 connections",
          .floor = fmt::format("{:.0f} us alone", alone),
          .ours = fmt::format("{:.0f} us", beside),
          .ratio = fmt::format("{:.2f}", beside / alone),
          .target = "<= 2 x",
          .is_met = beside / alone <= 2});
}

}  // namespace

int main(int argc, char** argv) {
  const std::chrono::milliseconds round(argc > 1 ? std::stoi(argv[1]) : 600);
  const Place place(std::filesystem::temp_directory_path());
  const SystemClock clock;
  SystemRandom random;
  const auto server = start_api(place.path(), clock, random);
  const std::string address = server->addresses().front();
  const std::string bearer = "Authorization: Bearer " + token_of(address) + "\r\n";
  write_policies(address, bearer);
  (void)ask(address, post("/auth/register",
                          R"({"email":"ada@example.org","password":"violet harbour 71 lamps"})"));
  const Nginx nginx(place.path());

  std::vector<Row> rows;
  rows.push_back(
      {constant("liveness", address, "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n", "}")});
  rows.push_back(
      {constant("rbac check", address,
                post("/rbac/check", R"({"subject":"ada","object":"data5","action":"read"})",
                     "application/json", bearer),
                "}")});
  rows.push_back({constant("AuthZEN", address,
                           post("/access/v1/evaluation",
                                R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},)"
                                R"("resource":{"type":"data","id":"5"}})",
                                "application/json", bearer),
                           "}")});
  rows.push_back({events(address, bearer, clock, random)});
  rows.push_back({constant("sign-in", address, post("/auth/jwt/login", kSignIn, kForm), "}")});
  if (!nginx.address().empty()) {
    rows.push_back(
        {constant("nginx", nginx.address(), "GET /ok HTTP/1.1\r\nHost: bench\r\n\r\n", "\n")});
  }
  for (int i = 0; i < kRounds; ++i) {
    for (Row& row : rows) row.rates.push_back(run(row.load, row.connections, round).per_second);
  }
  fmt::print("requests a second, {} connections, median of {} rounds of {} ms\n", kConnections,
             kRounds, round.count());
  for (const Row& row : rows) fmt::print("{:<12}{:>12.0f}\n", row.load.name, median(row.rates));

  const double live = median(rows[0].rates);
  const bool has_nginx = !nginx.address().empty();
  const std::string floor =
      has_nginx ? fmt::format("{:.0f} /s nginx with a file", median(rows.back().rates))
                : fmt::format("{:.0f} /s liveness (nginx is not installed)", live);
  const double unit = has_nginx ? median(rows.back().rates) : live;
  const auto say = [&](std::string path, double ours, std::string_view what, std::string target,
                       bool is_met) {
    report({std::move(path), floor, fmt::format("{:.0f} {}", ours, what),
            fmt::format("{:.2f}", ours / unit), std::move(target), is_met});
  };
  const double check = median(rows[1].rates);
  say("access check over HTTP, with a session, 8 connections", check, "/s", ">= 15,000 /s",
      check >= 15'000);
  const double written = median(rows[3].rates) * kBatch;
  say("events over HTTP, batches of 100, durable", written, "events/s", ">= 40,000 /s",
      written >= 40'000);
  const double signs = median(rows[4].rates);
  const double vcpus = std::thread::hardware_concurrency();
  // Beside a file it would say nothing; its floor, the bare hash, stands in identity_bench.
  report({.path = "sign-ins over HTTP (argon2id t=2, m=19456)",
          .floor = {},
          .ours = fmt::format("{:.0f} /s", signs),
          .ratio = {},
          .target = ">= 40 /s a processor used",
          .is_met = signs >= 40 * std::max(1.0, vcpus / 2)});
  check_under_flood(rows[1].load, rows[4].load, round);
}
