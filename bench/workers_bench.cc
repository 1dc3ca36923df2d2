// Durable steps that workers outside do, over loopback: `writ serve` drives runs of so many steps
// in sequence; a worker hears on the event stream that a step waits, signs that it is done and
// posts that. Each step is a signed word that is verified, kept, gated and written to the log, two
// transactions at least. Beside it, with the same number of no-op steps, Restate (a worker over
// HTTP, too) and DBOS (in its worker's process, PostgreSQL behind it), where
// `npm ci` was run in bench/peers; all three in turns. The floor is a file that is appended to and
// synced.
//
//   workers_bench [steps] [rounds]
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/random.h"
#include "crypto/dsse.h"
#include "crypto/key_file.h"
#include "http_load.h"
#include "identity/signed_statement.h"
#include "identity/statement_document.h"
#include "store/testing/postgres_server.h"

namespace {

using namespace writ;
using namespace writ::bench;
namespace fs = std::filesystem;

constexpr std::string_view kPassword = "violet harbour 71 lamps";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::array<int, 3> kRunsAtOnce = {1, 8, 32};

const std::string kPeers = WRIT_SOURCE_DIR "/bench/peers";

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) give_up("this failed: " + command);
}

// A repository whose spec is `steps` steps for outsiders, each after the other.
void make_repository(const fs::path& place, int steps) {
  std::string spec =
      "writ: 1\nkind: Spec\nmodule: {id: bench, repo: {outputs: [done.txt]}}\nsteps:\n";
  for (int i = 0; i < steps; ++i) {
    spec +=
        fmt::format("  - id: s{}\n{}", i, i == 0 ? "" : fmt::format("    needs: [s{}]\n", i - 1));
    spec +=
        "    external: {by: role:maintainer, instructions: Work}\n    evidence: {file: done.txt}\n";
  }
  must(replace_file(place / "spec.yaml", spec));
  must(replace_file(place / "done.txt", "done\n"));
  shell(
      fmt::format("cd {} && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
                  "GIT_AUTHOR_NAME=Bench GIT_AUTHOR_EMAIL=bench@example.org "
                  "GIT_COMMITTER_NAME=Bench GIT_COMMITTER_EMAIL=bench@example.org && "
                  "{{ git init --quiet && {} init && {} keys new --quiet --out ../worker.key && "
                  "{} trust add --role maintainer ../worker.key.pub && git add --all && "
                  "git commit --quiet -m bench && "
                  "echo {} | {} identity bootstrap-admin root@example.org; }} >/dev/null",
                  place.string(), WRIT_BINARY, WRIT_BINARY, WRIT_BINARY, kPassword, WRIT_BINARY));
}

// `writ serve` in `place`, until the benchmark's end.
class Server {
 public:
  explicit Server(const fs::path& place) {
    std::array<int, 2> said{};
    if (::pipe2(said.data(), O_CLOEXEC) != 0) give_up("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a benchmark that gives up leaves nothing behind
      ::dup2(said[1], 1);
      // Its log belongs to what it does, and not to what is measured.
      const fs::path told = place.parent_path() / "serve.log";
      const int log = ::open(told.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      ::dup2(log, 2);
      if (::chdir(place.c_str()) != 0) ::_exit(126);
      ::execl(WRIT_BINARY, WRIT_BINARY, "serve", "--addr", "127.0.0.1:0", "--setting",
              "rates.read=0/0", "--setting", "rates.write=0/0", nullptr);
      ::_exit(127);
    }
    ::close(said[1]);
    std::string line;
    for (char byte = 0; ::read(said[0], &byte, 1) == 1 && byte != '\n';) line += byte;
    ::close(said[0]);
    address_ = line.substr(line.rfind('/') + 1);
  }
  ~Server() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  const std::string& address() const { return address_; }

 private:
  pid_t pid_ = 0;
  std::string address_;
};

std::string body_of(Connection& connection, const std::string& request) {
  connection.ask(request);
  while (!connection.hear()) {
  }
  const std::string_view answer = connection.answer();
  if (!answer.starts_with("HTTP/1.1 2"))
    give_up(request + "\nwas answered with\n" + std::string(answer));
  return std::string(answer.substr(answer.find("\r\n\r\n") + 4));
}

// The events of one run as they come.
class Stream {
 public:
  Stream(const std::string& address, const std::string& bearer, const std::string& run)
      : connection_(address) {
    connection_.ask(
        fmt::format("GET /writ/v1/events/stream?run={}&type=writ.step.waiting HTTP/1.1\r\nHost: "
                    "bench\r\n{}\r\n",
                    run, bearer));
  }
  // Until an event has come that has `text` in it.
  void wait_for(std::string_view text) {
    while (heard_.find(text) == heard_.npos) {
      std::array<char, 16384> bytes;
      const ssize_t count = ::recv(connection_.descriptor(), bytes.data(), bytes.size(), 0);
      if (count <= 0) give_up("the stream ended: " + heard_);
      if (heard_.size() > 65'536) heard_.erase(0, 32'768);
      heard_.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  Connection connection_;
  std::string heard_;
};

struct Worker {
  std::string address;
  std::string bearer;
  const crypto::SecretKey& key;
};

// What a worker says of its steps; only the step changes, since nothing in the tree does.
identity::Statement first_word(const Worker& at, Connection& connection, const std::string& run) {
  const std::string digest = crypto::sha256("done\n").hex();
  const std::string intent = to_json(Object{
      {"kind", "submission"},
      {"step", "main/s0"},
      {"signer", at.key.id().hex},
      {"evidence", Array{Object{{"kind", "file"}, {"path", "done.txt"}, {"sha256", digest}}}}});
  const Value draft =
      must(parse_json(body_of(connection, post("/writ/v1/runs/" + run + "/drafts", intent,
                                               "application/json", at.bearer)),
                      "draft"));
  const Value* const statement = draft.find("statement");
  if (statement == nullptr) give_up("no draft");
  return must(identity::parse_statement(to_json(*statement)));
}

void work(const Worker& at, const std::string& run, int steps, const Clock& clock) {
  Stream stream(at.address, at.bearer, run);
  Connection connection(at.address);
  body_of(connection, post("/writ/v1/runs", fmt::format(R"({{"spec":"spec.yaml","id":"{}"}})", run),
                           "application/json", at.bearer));
  std::optional<identity::Statement> word;
  for (int i = 0; i < steps; ++i) {
    stream.wait_for(fmt::format("main/s{}\"", i));
    if (!word) word = first_word(at, connection, run);
    word->step = fmt::format("main/s{}", i);
    word->at = clock.wall();
    const crypto::DsseEnvelope envelope = must(identity::make_statement(*word, at.key));
    body_of(connection,
            post("/writ/v1/runs/" + run + "/evidence", to_json(crypto::dsse_to_value(envelope)),
                 "application/json", at.bearer));
  }
  for (int i = 0; i < 3'000; ++i) {
    const std::string standing =
        body_of(connection, "GET /writ/v1/runs/" + run + "/drive HTTP/1.1\r\nHost: bench\r\n" +
                                at.bearer + "\r\n");
    if (standing.find("\"attested\"") != standing.npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  give_up("run " + run + " did not come to its end");
}

double our_rate(const Worker& at, int runs, int steps, const Clock& clock, Random& random) {
  const Timing timing = time_of([&] {
    std::vector<std::jthread> workers;
    for (int i = 0; i < runs; ++i) {
      workers.emplace_back(
          [&, run = Uuid::v7(clock, random).text()] { work(at, run, steps, clock); });
    }
  });
  return static_cast<double>(runs) * steps / timing.wall;
}

// Rates that a script of bench/peers prints. One that is installed and fails is no peer that is
// missing: the benchmark fails with it.
std::vector<double> peer_rates(const std::string& words) {
  const std::string command =
      fmt::format("cd {0} && timeout 300 node_modules/node/bin/node {1} 2>&1", kPeers, words);
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::string said;
  std::array<char, 4096> bytes{};
  while (pipe != nullptr && std::fgets(bytes.data(), bytes.size(), pipe) != nullptr) {
    said = bytes.data();  // the last line
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) give_up(words + " failed: " + said);
  std::istringstream words_said(said);
  std::vector<double> out;
  for (double rate = 0; words_said >> rate;) out.push_back(rate);
  if (out.empty()) give_up(words + " said no rate: " + said);
  return out;
}

// As clients see it that take no URL without a host.
std::string with_host(std::string url) { return url.replace(url.find("@/"), 2, "@localhost/"); }

double synced_appends(const fs::path& place) {
  constexpr int kAppends = 500;
  const std::string bytes(256, 'x');
  const int file =
      ::open((place / "floor").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const Timing timing = time_of([&] {
    for (int i = 0; i < kAppends; ++i) {
      if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0)
        give_up("no floor");
    }
  });
  ::close(file);
  return kAppends / timing.wall;
}

struct Row {
  int runs = 1;
  std::vector<double> floor = {};
  std::vector<double> ours = {};
  std::vector<double> restate = {};
  std::vector<double> dbos = {};
};

std::string told(const std::vector<double>& rates) {
  if (rates.empty()) return "not installed";
  return fmt::format("{:.0f} ({:.0f}..{:.0f})", median(rates),
                     *std::min_element(rates.begin(), rates.end()),
                     *std::max_element(rates.begin(), rates.end()));
}

void report_row(const Row& row, int steps) {
  fmt::print("{:>3} x {:<5}{:>20}{:>22}{:>22}{:>22}\n", row.runs, steps, told(row.floor),
             told(row.ours), told(row.restate), told(row.dbos));
  const double ours = median(row.ours);
  for (const auto& [name, rates] : {std::pair{"Restate", &row.restate}, {"DBOS", &row.dbos}}) {
    if (rates->empty()) continue;
    const double peer = median(*rates);
    report({fmt::format("durable steps with workers over loopback, {} at once", row.runs),
            fmt::format("{:.0f} /s, {}", peer, name), fmt::format("{:.0f} /s", ours),
            fmt::format("{:.2f}", ours / peer), ">= 1 x the peer", ours >= peer});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::stoi(argv[1]) : 100;
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 3;
  const Place place(fs::temp_directory_path());
  fs::create_directories(place.path() / "repository");
  make_repository(place.path() / "repository", steps);
  const SystemClock clock;
  SystemRandom random;
  const Server server(place.path() / "repository");
  const crypto::SecretKey key =
      must(crypto::load_key_file(place.path() / "worker.key", std::nullopt));
  Connection connection(server.address());
  const std::string signed_in = body_of(
      connection, post("/auth/jwt/login",
                       "username=root%40example.org&password=violet+harbour+71+lamps", kForm));
  const Worker at{
      server.address(),
      "Authorization: Bearer " +
          std::string(must(parse_json(signed_in, "token")).string_or("access_token", "")) + "\r\n",
      key};
  body_of(connection, fmt::format("PUT /writ/v1/blobs/{} HTTP/1.1\r\nHost: bench\r\nContent-Type: "
                                  "application/octet-stream\r\n{}Content-Length: 5\r\n\r\ndone\n",
                                  crypto::sha256("done\n").hex(), at.bearer));
  std::optional<store::PostgresServer> postgres;
  const bool has_peers = fs::exists(kPeers + "/node_modules/@restatedev");
  if (has_peers && store::PostgresServer::missing().empty()) postgres.emplace();
  std::vector<Row> rows;
  for (const int runs : kRunsAtOnce) rows.push_back({runs});
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      row.floor.push_back(synced_appends(place.path()));
      row.ours.push_back(our_rate(at, row.runs, steps, clock, random));
      if (!has_peers) continue;
      for (const double rate :
           peer_rates(fmt::format("restate_bench.mjs {} {} 1", steps, row.runs))) {
        row.restate.push_back(rate);
      }
      if (!postgres) continue;
      for (const double rate :
           peer_rates(fmt::format("dbos_bench.mjs {} {} 1 '{}'", steps, row.runs,
                                  with_host(postgres->url(postgres->make_database()))))) {
        row.dbos.push_back(rate);
      }
    }
  }
  fmt::print("durable steps a second, medians of {} rounds (lowest..highest)\n", rounds);
  fmt::print("{:>11}{:>20}{:>22}{:>22}{:>22}\n", "", "synced appends", "ours", "Restate", "DBOS");
  for (const Row& row : rows) report_row(row, steps);
}
