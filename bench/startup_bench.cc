// What a user waits for before `writ` says anything: from the start of the process to the first
// byte of its output, in the repository of examples/orders. The floor is a program that does
// nothing. Of a server, which says where it listens once it could answer, also what it has in
// memory when nobody asks it anything.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include "bench.h"

extern char** environ;

namespace {

using namespace writ;
using namespace writ::bench;
namespace fs = std::filesystem;

constexpr int kRounds = 21;
constexpr int kServers = 5;
constexpr double kBudgetMs = 30;

constexpr double kReadyBudgetMs = 150;
constexpr double kIdleBudgetMiB = 40;
// After which a server that nobody asks is idle.
constexpr std::chrono::milliseconds kRest{1500};

struct Started {
  double first_output_ms = 0;  // its end where it says nothing
  int exit_code = 0;
  double resident_mib = 0;  // of one that was left to rest before it was ended
};

double resident_mib(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  give_up("the server has gone");
}

// `rests`: a server, which is told to end when it has been looked at.
Started start(std::vector<std::string> words, bool rests = false) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const auto begin = std::chrono::steady_clock::now();
  if (::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
    give_up("cannot start " + words.front());
  }
  ::close(ends[1]);
  std::array<char, 4096> bytes{};
  ssize_t count = ::read(ends[0], bytes.data(), bytes.size());
  const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - begin;
  double resident = 0;
  if (rests) {
    std::this_thread::sleep_for(kRest);
    resident = resident_mib(pid);
    ::kill(pid, SIGTERM);
  }
  while (count > 0) count = ::read(ends[0], bytes.data(), bytes.size());
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::posix_spawn_file_actions_destroy(&actions);
  return {waited.count(), WIFEXITED(status) ? WEXITSTATUS(status) : -1, resident};
}

void expect(int exit_code, const std::vector<std::string>& words) {
  const int code = start(words).exit_code;
  if (code == exit_code) return;
  give_up(fmt::format("{} ended with {}, not {}", fmt::join(words, " "), code, exit_code));
}

// A repository with a spec and one run of it that a check has blocked.
void make_repository(const std::string& writ) {
  ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  for (const char* who : {"AUTHOR", "COMMITTER"}) {
    ::setenv(fmt::format("GIT_{}_NAME", who).c_str(), "Bench", 1);
    ::setenv(fmt::format("GIT_{}_EMAIL", who).c_str(), "bench@example.org", 1);
  }
  expect(0, {"git", "init", "--quiet"});
  expect(0, {writ, "init"});
  expect(0, {"git", "add", "--all"});
  expect(0, {"git", "commit", "--quiet", "-m", "An order book and its spec"});
  expect(3, {writ, "apply", "spec.yaml"});
}

}  // namespace

int main() {
  const std::string writ = WRIT_BINARY;
  const Place place(fs::temp_directory_path());
  fs::copy(WRIT_SOURCE_DIR "/examples/orders", place.path() / "orders",
           fs::copy_options::recursive);
  fs::current_path(place.path() / "orders");
  make_repository(writ);
  const std::vector<std::vector<std::string>> commands = {
      {writ, "--version"}, {writ, "status"}, {writ, "plan", "spec.yaml"}};
  std::vector<double> floors;
  std::vector<std::vector<double>> ours(commands.size());
  for (int round = 0; round < kRounds; ++round) {
    floors.push_back(start({"/bin/true"}).first_output_ms);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      ours[i].push_back(start(commands[i]).first_output_ms);
    }
  }
  fmt::print("medians of {} starts\n", kRounds);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    report({fmt::format("`writ {}` to its first output", commands[i][1]),
            fmt::format("{:.1f} ms, /bin/true", median(floors)),
            fmt::format("{:.1f} ms", median(ours[i])), "", "<= 30 ms",
            median(ours[i]) <= kBudgetMs});
  }
  std::vector<double> ready;
  std::vector<double> idle;
  for (int round = 0; round < kServers; ++round) {
    const Started server = start({writ, "serve", "--addr", "127.0.0.1:0"}, true);
    if (server.exit_code != 0) give_up(fmt::format("the server ended with {}", server.exit_code));
    ready.push_back(server.first_output_ms);
    idle.push_back(server.resident_mib);
  }
  report({"`writ serve` in a project until it could answer",
          fmt::format("{:.1f} ms, /bin/true", median(floors)),
          fmt::format("{:.1f} ms", median(ready)), "", "<= 150 ms",
          median(ready) <= kReadyBudgetMs});
  report({"`writ serve` in a project, memory while nobody asks", "",
          fmt::format("{:.1f} MiB", median(idle)), "", "<= 40 MiB",
          median(idle) <= kIdleBudgetMiB});
  fs::current_path("/");
  return 0;
}
