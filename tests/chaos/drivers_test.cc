// Three processes that would all drive one run, whose store is a PostgreSQL, and one of them after
// the other is killed: the run comes to its end, no attempt runs twice, and no step that has
// completed runs again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "project.h"
#include "store/testing/postgres_server.h"

namespace writ::chaos {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSpec = "drivers.yaml";
constexpr int kSteps = 8;

std::uint64_t seed() {
  const char* const given = ::getenv("WRIT_CHAOS_SEED");
  return given == nullptr ? 20'261'121 : std::strtoull(given, nullptr, 10);
}

class Drivers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<store::PostgresServer>();
    project_.emplace(Project::create(directory_.path() / "project"));
    std::ofstream spec(project_->root() / kSpec);
    spec << "writ: 1\nkind: Spec\nmodule: {id: chaos.drivers}\nsteps:\n";
    for (int i = 0; i < kSteps; ++i) {
      spec << "  - {id: s" << i
           << ", shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log; sleep 0.2'}\n";
    }
    spec.close();
    project_->shell("git add -A && git commit -q -m drivers");
    url_ = server_->url(server_->make_database());
    ::setenv("WRIT_STORE", url_.c_str(), 1);
  }
  void TearDown() override {
    for (const pid_t pid : running_) end(pid);
    ::unsetenv("WRIT_STORE");
  }

  void start(const std::vector<const char*>& words) {
    const pid_t child = ::fork();
    if (child == 0) {
      const int said =
          ::open((directory_.path() / "said").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(said, 1);
      ::dup2(said, 2);
      std::vector<char*> command{const_cast<char*>(WRIT_BINARY)};
      for (const char* word : words) command.push_back(const_cast<char*>(word));
      command.push_back(nullptr);
      if (::chdir(project_->root().c_str()) == 0) ::execv(WRIT_BINARY, command.data());
      ::_exit(127);
    }
    running_.push_back(child);
  }
  // Those that have ended by themselves are gone from the list; true when one brought the run to
  // its end.
  bool collect() {
    bool is_done = false;
    std::erase_if(running_, [&](pid_t pid) {
      int status = 0;
      if (::waitpid(pid, &status, WNOHANG) != pid) return false;
      is_done = is_done || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
      return true;
    });
    return is_done;
  }
  static void end(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::PostgresServer> server_;
  std::optional<Project> project_;
  std::string url_;
  std::vector<pid_t> running_;
};

TEST_F(Drivers, BringARunToItsEndThoughTheyAreKilledAtRandom) {
  std::printf("WRIT_CHAOS_SEED=%llu\n", static_cast<unsigned long long>(seed()));
  std::mt19937_64 random(seed());
  start({"apply", kSpec});
  const auto deadline = std::chrono::steady_clock::now() + 200s;
  while (project_->marks().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  constexpr int kDeaths = 8;
  int deaths = 0;
  std::size_t begun = 0;  // attempts when the last one died
  while (!collect() && std::chrono::steady_clock::now() < deadline) {
    while (running_.size() < 3) start({"resume"});
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 150));
    // Somebody drives again, and is in a step. The oldest it is, most likely.
    const std::size_t now = project_->marks().size();
    if (deaths == kDeaths || now == begun) continue;
    begun = now;
    const std::size_t victim = deaths % 4 == 3 ? random() % running_.size() : 0;
    end(running_[victim]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(victim));
    ++deaths;
  }
  for (const pid_t pid : running_) end(pid);
  running_.clear();
  const auto look = look_at(*project_, url_);
  ASSERT_TRUE(look) << look.error().text();
  EXPECT_EQ(look->runs, std::vector<std::string>{"attested"});
  EXPECT_EQ(look->steps.size(), static_cast<std::size_t>(kSteps));
  std::map<std::string, std::uint32_t> ran;
  std::set<std::string> tokens;
  for (const std::string& mark : project_->marks()) {
    EXPECT_TRUE(tokens.insert(mark).second) << "an attempt ran twice: " << mark;
    for (const auto& [step, attempts] : look->attempts)
      ran[step] += mark.contains("/" + step + "/");
  }
  for (const auto& [step, attempts] : look->attempts) {
    EXPECT_EQ(look->completions.at(step), 1u) << step << " has completed more than once";
    EXPECT_LE(ran[step], attempts) << step;
    EXPECT_GE(ran[step], 1u) << step;
  }
  const FaultyRun verified = project_->writ({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.output << verified.errors;
  EXPECT_GT(deaths, 0);
  std::printf("%d drivers were killed, %zu attempts of %d steps\n", deaths, tokens.size(), kSteps);
}

}  // namespace
}  // namespace writ::chaos
