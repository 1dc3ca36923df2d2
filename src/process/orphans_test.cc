#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/process_table.h"
#include "process/spawn.h"
#include "process/testing/fixture.h"

namespace writ::process {
namespace {

class OrphansTest : public ProcessTest {
 protected:
  // A process of ours that is nobody's command, in a part, with this environment.
  pid_t start(std::vector<std::string> words, std::vector<std::string> environment) {
    Spawn spawn_part{{self(), "__part"}, std::move(environment)};
    spawn_part.argv.insert(spawn_part.argv.end(), words.begin(), words.end());
    const auto pid = spawn(spawn_part);
    return pid ? *pid : 0;
  }
};

// The runner is killed while its command and a daemon of it run: both go, without anybody's help.
TEST_F(OrphansTest, DieWithTheRunnerThatStartedThem) {
  for (const std::string sandbox : {"no-bubblewrap-here", "bwrap"}) {
    if (sandbox == "bwrap" && runner_.best_isolation() != Isolation::namespaces) continue;
    LifeLine line(directory_ / sandbox);
    const pid_t dying = start({"die-while-running", line.path(), self(), sandbox}, {});
    ASSERT_GT(dying, 0);
    int status = 0;
    ASSERT_EQ(::waitpid(dying, &status, 0), dying);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    EXPECT_FALSE(line.is_held()) << sandbox;
  }
}

TEST_F(OrphansTest, AreFoundByTheirToken) {
  LifeLine line(directory_ / "line");
  LifeLine other(directory_ / "other");
  const pid_t deaf =
      start({"ignore-term", line.path()}, {"A=1", "WRIT_STEP_TOKEN=run-1/step", "B=2"});
  const pid_t spared = start({"hold", other.path()}, {"WRIT_STEP_TOKEN=run-1/step2"});
  line.await_holder();
  other.await_holder();
  const auto ended = end_orphans("run-1/step", std::nullopt, Duration(50));
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(*ended, 1u);
  EXPECT_FALSE(line.is_held());
  EXPECT_TRUE(is_running(read_process(spared)->name));
  int status = 0;
  ::waitpid(deaf, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  end_child(spared);
}

TEST_F(OrphansTest, AreFoundByPidAndStartTimeWithTheirDescendants) {
  LifeLine line(directory_ / "line");
  const pid_t parent = start({"hold-with-child", line.path()}, {});
  line.await_holder();
  const auto entry = read_process(parent);
  ASSERT_TRUE(entry);
  // Both hold the pipe before anything is ended.
  while (descendants_of(parent, list_processes()).empty()) ::usleep(1000);
  const auto ended = end_orphans("", Started{parent, entry->name.start_ticks}, Duration(10'000));
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, 2u);
  EXPECT_FALSE(line.is_held());
  int status = 0;
  ::waitpid(parent, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(OrphansTest, AreNotTakenForAProcessThatReusedTheirPid) {
  LifeLine line(directory_ / "line");
  const pid_t pid = start({"hold", line.path()}, {});
  line.await_holder();
  const auto entry = read_process(pid);
  ASSERT_TRUE(entry);
  const auto ended = end_orphans("", Started{pid, entry->name.start_ticks - 1}, Duration(0));
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, 0u);
  EXPECT_FALSE(signal_process({pid, entry->name.start_ticks + 1}, SIGKILL));
  EXPECT_TRUE(is_running(entry->name));
  end_child(pid);
  EXPECT_FALSE(is_running(entry->name));
}

TEST_F(OrphansTest, AreNoneWhereTheTokenIsEmptyOrUnknown) {
  EXPECT_EQ(*end_orphans("", std::nullopt, Duration(0)), 0u);
  EXPECT_EQ(*end_orphans("nobody-has-this", std::nullopt, Duration(0)), 0u);
  EXPECT_EQ(*end_orphans("", Started{1, 0}, Duration(0)), 0u);
}

TEST_F(OrphansTest, NeverIncludeTheCaller) {
  const auto me = read_process(::getpid());
  ASSERT_TRUE(me);
  EXPECT_EQ(*end_orphans("", Started{::getpid(), me->name.start_ticks}, Duration(0)), 0u);
}

TEST(ProcessTable, FindsDescendantsThroughZombies) {
  const std::vector<ProcessEntry> all{{{10, 1}, 1, 'S', 1},
                                      {{11, 2}, 10, 'Z', 1},
                                      {{12, 3}, 11, 'R', 1},
                                      {{13, 4}, 12, 'S', 1},
                                      {{14, 5}, 1, 'S', 1}};
  auto found = descendants_of(10, all);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<ProcessName>{{12, 3}, {13, 4}}));
}

}  // namespace
}  // namespace writ::process
