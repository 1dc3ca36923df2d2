// The process that logs decisions is killed under load. With Flush::each every event that was
// acknowledged is there afterwards; with Flush::interval at most those of the last moments are
// gone. No event is ever there in part.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "server/decisions/buffer.h"
#include "server/decisions/decision_log.h"
#include "store/open.h"

namespace writ::server {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kThreads = 4;

// Of one event that its thread could go on after.
struct Acknowledged {
  std::int64_t thread = 0;
  std::int64_t number = 0;
  std::int64_t nanoseconds = 0;  // when, by the steady clock
};

std::string event_of(std::int64_t thread, std::int64_t number, std::int64_t nanoseconds) {
  return to_json(Object{{"thread", thread},
                        {"number", number},
                        {"nanoseconds", nanoseconds},
                        {"input", std::string(500, 'x')}});
}

Result<std::unique_ptr<DecisionBuffer>> open_buffer(const std::string& file) {
  WRIT_TRY(auto store, store::open("sqlite:" + file));
  return DecisionBuffer::open(std::move(store));
}

[[noreturn]] void live(const std::string& file, Flush flush, int pipe) {
  const SystemClock clock;
  DecisionCounters counters;
  DecisionLogOptions options;
  options.buffer.flush = flush;
  options.buffer.flush_interval = std::chrono::milliseconds(20);
  auto buffer = open_buffer(file);
  if (!buffer) ::_exit(2);
  DecisionLog log(options, buffer->get(), counters, clock, {});
  std::vector<std::jthread> threads;
  for (std::int64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::int64_t number = 0;; ++number) {
        const auto deadline = Steady::now() + std::chrono::minutes(1);
        if (!log.has_room() && !log.wait_for_room(deadline, {})) ::_exit(6);
        const Acknowledged one{thread, number, Steady::now().time_since_epoch().count()};
        const auto ticket = log.append(event_of(thread, number, one.nanoseconds));
        if (flush == Flush::each && !log.wait_until_durable(ticket, deadline, {})) ::_exit(3);
        if (::write(pipe, &one, sizeof one) != sizeof one) ::_exit(4);
      }
    });
  }
  threads.clear();  // never: they go on until they are killed
  ::_exit(5);
}

// Kills the process once it gave so many acknowledgements, over so long a time; all that it gave.
std::vector<Acknowledged> live_and_die(const std::string& file, Flush flush, std::size_t after,
                                       std::chrono::nanoseconds life = {}) {
  std::array<int, 2> pipe{-1, -1};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    live(file, flush, pipe[1]);
  }
  ::close(pipe[1]);
  std::vector<Acknowledged> out;
  Acknowledged one;
  bool is_killed = false;
  while (::read(pipe[0], &one, sizeof one) == sizeof one) {
    out.push_back(one);
    const bool is_due =
        out.size() >= after && one.nanoseconds - out.front().nanoseconds >= life.count();
    if (!is_due || std::exchange(is_killed, true)) continue;
    EXPECT_EQ(::kill(child, SIGKILL), 0);
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  return out;
}

struct Survivors {
  std::map<std::int64_t, std::int64_t> next;  // by thread: how many of its events are there
  std::int64_t newest = 0;                    // nanoseconds of the newest one
  std::size_t count = 0;
};

// Each thread's events are there without a gap, and each is whole.
Survivors survivors(const std::string& file) {
  Survivors out;
  auto buffer = open_buffer(file);
  EXPECT_TRUE(buffer) << buffer.error().text();
  const auto events = (*buffer)->oldest(std::numeric_limits<std::size_t>::max());
  EXPECT_TRUE(events) << events.error().text();
  for (const KeptEvent& event : *events) {
    const auto value = parse_json(event.text);
    EXPECT_TRUE(value) << event.text;
    if (!value) continue;
    const std::int64_t thread = value->integer_or("thread", -1);
    EXPECT_EQ(value->integer_or("number", -1), out.next[thread]++);
    EXPECT_EQ(value->string_or("input", "").size(), 500u);
    out.newest = std::max(out.newest, value->integer_or("nanoseconds", 0));
  }
  out.count = events->size();
  return out;
}

TEST(DecisionDeaths, LoseNothingThatWasAcknowledgedWhereEachEventIsFlushed) {
  for (const std::size_t after : {1u, 7u, 40u, 150u, 400u}) {
    SCOPED_TRACE("killed after " + std::to_string(after));
    const TemporaryDirectory directory;
    const std::string file = (directory.path() / "decisions.db").string();
    const auto acknowledged = live_and_die(file, Flush::each, after);
    Survivors left = survivors(file);
    for (const Acknowledged& one : acknowledged) EXPECT_LT(one.number, left.next[one.thread]);
    // What was on its way: one event of each thread.
    EXPECT_LE(left.count, acknowledged.size() + kThreads);
  }
}

TEST(DecisionDeaths, LoseTheLastMomentsWhereEventsAreFlushedByInterval) {
  // Deciding waits when the disk is half a second behind; far more, because machines are slow at
  // times, but less than the longer life: what it flushed along the way is what this is about.
  constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(3);
  for (const auto life : {std::chrono::milliseconds(400), std::chrono::milliseconds(4'000)}) {
    SCOPED_TRACE("killed after " + std::to_string(life.count()) + " ms");
    const TemporaryDirectory directory;
    const std::string file = (directory.path() / "decisions.db").string();
    const auto acknowledged = live_and_die(file, Flush::interval, 1, life);
    const Survivors left = survivors(file);
    std::int64_t newest = 0;
    for (const Acknowledged& one : acknowledged) newest = std::max(newest, one.nanoseconds);
    EXPECT_GT(left.count, 0u);
    EXPECT_LT(newest - left.newest, kLongest.count());
  }
}

}  // namespace
}  // namespace writ::server
