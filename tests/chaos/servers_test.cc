// Three servers on one PostgreSQL, killed at random, and the database with them: nothing that was
// acknowledged is lost, every event has one place in the log, and somebody always sequences.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "ledger_workload.h"
#include "store/testing/postgres_server.h"

namespace writ::ledger {
namespace {

using namespace std::chrono_literals;

// Of one incarnation of a server: no two append the same.
constexpr std::uint64_t kNumbersEach = 1'000'000;

struct Said {
  std::set<std::uint64_t> acknowledged;
  int leads = 0;  // incarnations that sequenced
};

// Servers by turns: who is killed is followed by another one.
class Servers {
 public:
  Servers(std::string url, std::string directory)
      : url_(std::move(url)), directory_(std::move(directory)) {}
  ~Servers() {
    for (const pid_t pid : running_) end(pid);
  }
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;

  void start() {
    const std::string out = output(started_);
    const std::string first = std::to_string(kNumbersEach * static_cast<std::uint64_t>(started_));
    ++started_;
    const pid_t child = ::fork();
    if (child == 0) {
      const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(file, 1);
      ::execl(WRIT_SERVER_WORKER, WRIT_SERVER_WORKER, url_.c_str(), first.c_str(), nullptr);
      ::_exit(127);
    }
    running_.push_back(child);
  }
  void replace(std::size_t which) {
    end(running_[which]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(which));
    start();
  }
  void kill_all() {
    for (const pid_t pid : running_) end(pid);
    running_.clear();
  }
  std::size_t running() const { return running_.size(); }

  // What all of them have said so far; a line that was cut off was not said.
  Said said() const {
    Said all;
    for (int i = 0; i < started_; ++i) {
      std::istringstream lines(read_file(output(i), 64u << 20).value_or(""));
      bool has_led = false;
      for (std::string line; std::getline(lines, line) && !lines.eof();) {
        has_led = has_led || line == "l";
        if (line.starts_with("a ")) all.acknowledged.insert(std::stoull(line.substr(2)));
      }
      all.leads += has_led ? 1 : 0;
    }
    return all;
  }
  // Waits until so many more events are acknowledged; false after a minute.
  bool wait_for(std::size_t acknowledged) const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (said().acknowledged.size() < acknowledged) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }

 private:
  // Killed, and known to have been running until then.
  void end(pid_t pid) {
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "a server ended by itself: " << status;
  }
  std::string output(int number) const { return directory_ + "/said" + std::to_string(number); }

  const std::string url_;
  const std::string directory_;
  int started_ = 0;
  std::vector<pid_t> running_;
};

std::uint64_t seed() {
  const char* const given = ::getenv("WRIT_CHAOS_SEED");
  return given == nullptr ? 20'261'121 : std::strtoull(given, nullptr, 10);
}

class ServersOnPostgres : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<store::PostgresServer>();
    url_ = server_->url(server_->make_database());
    servers_ = std::make_unique<Servers>(url_, directory_.path().string());
  }

  // Everything that was promised, once, and nothing broken.
  void expect_whole() {
    servers_->kill_all();
    const Said said = servers_->said();
    const auto log = OpenLog::open_url(url_).value();
    ASSERT_TRUE(log->ledger->sequence());
    const auto report = log->ledger->verify({&log_key().public_key(), 1});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->pending, 0u);
    EXPECT_GE(report->events, said.acknowledged.size());
    std::set<std::uint64_t> indices;
    for (const std::uint64_t number : said.acknowledged) {
      const auto event = log->ledger->get(workload_entry(number).id);
      ASSERT_TRUE(event) << "lost " << number << ": " << event.error().text();
      ASSERT_TRUE(event->index) << number << " has no place";
      EXPECT_TRUE(indices.insert(*event->index).second) << "two events at " << *event->index;
      EXPECT_LT(*event->index, report->events);
      EXPECT_EQ(event->entry.payload, workload_entry(number).payload);
    }
    std::printf("%zu events acknowledged, %llu in the log, %d servers sequenced\n",
                said.acknowledged.size(), static_cast<unsigned long long>(report->events),
                said.leads);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<store::PostgresServer> server_;
  std::string url_;
  std::unique_ptr<Servers> servers_;
};

TEST_F(ServersOnPostgres, LoseNothingWhenTheyAreKilledAtRandom) {
  std::printf("WRIT_CHAOS_SEED=%llu\n", static_cast<unsigned long long>(seed()));
  std::mt19937_64 random(seed());
  for (int i = 0; i < 3; ++i) servers_->start();
  ASSERT_TRUE(servers_->wait_for(30));
  constexpr int kDeaths = 15;
  for (int death = 0; death < kDeaths; ++death) {
    const std::size_t before = servers_->said().acknowledged.size();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    servers_->replace(random() % servers_->running());
    if (death == kDeaths / 2) {
      server_->kill();
      server_->start();
    }
    ASSERT_TRUE(servers_->wait_for(before + 20)) << "nothing goes on after death " << death;
  }
  expect_whole();
}

// Kills whoever sequences, again and again: events get their places all the same, and nobody but
// the servers asks for it.
TEST_F(ServersOnPostgres, GoOnSequencingWhenTheOneThatDoesDies) {
  for (int i = 0; i < 2; ++i) servers_->start();
  const auto log = OpenLog::open_url(url_).value();
  for (int death = 0; death < 4; ++death) {
    const std::size_t before = servers_->said().acknowledged.size();
    ASSERT_TRUE(servers_->wait_for(before + 10));
    const std::uint64_t newest = *servers_->said().acknowledged.rbegin();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    bool has_place = false;
    while (!has_place && std::chrono::steady_clock::now() < deadline) {
      const auto event = log->ledger->get(workload_entry(newest).id);
      has_place = event && event->index;
      if (!has_place) std::this_thread::sleep_for(5ms);
    }
    ASSERT_TRUE(has_place) << "nobody sequences after death " << death;
    // One of the two leads; when both have been replaced, it has been killed.
    servers_->replace(0);
    servers_->replace(0);
  }
  EXPECT_GE(servers_->said().leads, 2);
  expect_whole();
}

}  // namespace
}  // namespace writ::ledger
