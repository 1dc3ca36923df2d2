// Decisions over HTTP: the RBAC set of 1,000 users and 100 roles, and a rule that compares one
// string, against what the same server answers without deciding anything. One thread drives eight
// connections, each with one request under way, as wrk does.
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "http_load.h"
#include "server/writ_server.h"

namespace {

using namespace writ;
using namespace writ::bench;

constexpr std::size_t kConnections = 8;
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
  const std::vector<Load> loads = {
      constant("static", address, "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n", "\r\n\r\n{}\n"),
      constant("trivial", address, post("/v1/data/trivial/allow", kInput), "{\"result\":true}\n"),
      constant("rbac", address, post("/v1/data/policy/restapi/allow", kInput),
               "{\"result\":true}\n")};
  std::vector<std::vector<double>> rates(loads.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < loads.size(); ++i) {
      rates[i].push_back(run(loads[i], kConnections, kRound).per_second);
    }
  }
  fmt::print("requests a second, {} connections, median of {} rounds\n", kConnections, kRounds);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    fmt::print("{:<10}{:>12.0f}\n", loads[i].name, median(rates[i]));
  }
  const double floor = median(rates[0]);
  const double ours = median(rates[2]);
  report({.path = "Rego RBAC decision over HTTP, 8 connections",
          .floor = fmt::format("{:.0f} /s static answer", floor),
          .ours = fmt::format("{:.0f} /s", ours),
          .ratio = fmt::format("{:.2f}", ours / floor),
          .target = ">= 40,000 /s, >= 0.5",
          .is_met = ours >= kBudgetPerSecond && ours / floor >= kBudgetRatio});
}
