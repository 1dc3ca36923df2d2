// The real binary meets a fault at the calls with which it changes its files. Whatever it was
// doing: the next commands bring the run to the end that an undisturbed run has, no step that had
// passed ran again, no process is left, no evidence and no signed word is lost or counted twice,
// and everything verifies.
//
// Every change of a run's state is one commit of the store, that is a few writes and a sync of
// its log; so a fault at every write is a fault before, amid and after every state transition.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "project.h"
#include "story.h"

namespace writ::chaos {
namespace {

struct Case {
  const char* name;
  const char* story;
  std::size_t deed;      // which of the story's meets the fault
  const char* kind;      // of fault
  std::uint64_t points;  // at most; spread evenly over the calls
  // The deed before died halfway, so that this one begins with its recovery.
  bool is_recovery = false;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.story << " " << c.deed << " " << c.kind;
}

bool is_death(const Case& c) {
  return std::string_view(c.kind) == "kill" || std::string_view(c.kind) == "torn";
}

// What all the sweeps of this process came to, said at its end.
class Total final : public testing::Environment {
 public:
  static std::uint64_t kills;
  static std::uint64_t errors;
  void TearDown() override {
    std::cout << "[   points ] " << kills << " kill points and " << errors
              << " disk errors in all\n";
    const char* wanted = std::getenv("WRIT_CHAOS_KILL_POINTS");
    if (wanted != nullptr) {
      EXPECT_GE(kills, std::stoull(wanted));
    }
  }
};
std::uint64_t Total::kills = 0;
std::uint64_t Total::errors = 0;
// GoogleTest owns it.
const testing::Environment* const kTotal = testing::AddGlobalTestEnvironment(new Total);

// The attempts that `run`, given `--json`, said had passed before it ended; by path.
std::map<std::string, std::uint32_t> reported_as_passed(const std::string& output,
                                                        const std::string& run) {
  std::map<std::string, std::uint32_t> out;
  std::size_t begin = 0;
  for (std::size_t end; (end = output.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = parse_json(output.substr(begin, end - begin), "progress");
    if (!line || line->string_or("event", "") != "step_ended") continue;
    if (line->string_or("run", "") != run) continue;  // a child's
    const Value* state = line->find("state");
    if (state != nullptr && state->string_or("status", "") == "passed") {
      out[std::string(line->string_or("step", ""))] =
          static_cast<std::uint32_t>(state->integer_or("attempt", 0));
    }
  }
  return out;
}

class Execution : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    kept_ = std::make_unique<TemporaryDirectory>();
    pristine_.emplace(Project::create(kept_->path() / "pristine"));
  }
  static void TearDownTestSuite() {
    pristine_.reset();
    kept_.reset();
  }

  const Story& story() const { return story_named(GetParam().story); }
  const Deed& deed() const { return story().deeds[GetParam().deed]; }

  // The project as it is before the deed that meets the fault.
  void prepare() {
    start_.emplace(pristine_->copy_to(here_.path() / "start"));
    if (GetParam().is_recovery) {
      const Project counted = pristine_->copy_to(here_.path() / "counting");
      const auto calls = counted.writ(deed().words).calls;
      const FaultyRun died = start_->writ(deed().words, {.under = {}, .at = calls / 2});
      ASSERT_EQ(died.signal, SIGKILL) << said_by(died);
      return;
    }
    tell(*start_, story(), 0, GetParam().deed);
    if (!deed().before.empty()) start_->shell(deed().before);
  }

  // The deed as somebody says it who meets the fault.
  std::vector<std::string> words() const {
    if (GetParam().is_recovery) return {"resume", "--json"};
    return words_in(*start_, deed());
  }

  // The end that an undisturbed story has.
  void expect_same_end(const Project& project, const RunLook& undisturbed,
                       const FaultyRun& faulty) const {
    const auto look = look_at(project);
    ASSERT_TRUE(look) << look.error().text();
    EXPECT_EQ(look->runs, undisturbed.runs);
    EXPECT_EQ(look->status, story().end);
    EXPECT_EQ(look->steps, undisturbed.steps);
    // Once passed, never begun again.
    EXPECT_EQ(look->completions, undisturbed.completions);
    EXPECT_EQ(look->words, undisturbed.words) << "a word was lost, or counted twice";
    EXPECT_EQ(look->blockers, undisturbed.blockers);
    expect_few_more_attempts(*look, undisturbed);
    expect_marks(project, *look);
    for (const auto& [path, attempt] : reported_as_passed(faulty.output, look->id)) {
      EXPECT_EQ(look->attempts.at(path), attempt) << path << " was said to have passed";
    }
    EXPECT_EQ(processes_of_run(look->id), std::vector<int>{});
  }

  // The death of a driver costs the attempt that was in flight, and nothing else; who only says a
  // word has none in flight.
  void expect_few_more_attempts(const RunLook& look, const RunLook& undisturbed) const {
    std::uint32_t more = 0;
    for (const auto& [path, attempts] : look.attempts) {
      more += attempts - undisturbed.attempts.at(path);
    }
    const bool is_driver = deed().words.front() == "apply" || deed().words.front() == "resume";
    EXPECT_LE(more, GetParam().is_recovery ? 2u : is_driver ? 1u : 0u);
  }

  // A command ran at most once for every attempt, and the attempt that counts did run.
  static void expect_marks(const Project& project, const RunLook& look) {
    const std::vector<std::string> marks = project.marks();
    const std::set<std::string> distinct(marks.begin(), marks.end());
    EXPECT_EQ(distinct.size(), marks.size()) << "an attempt ran twice";
    for (const auto& [path, step] : look.steps) {
      const bool is_command = std::any_of(step.evidence.begin(), step.evidence.end(),
                                          [](const auto& e) { return e.starts_with("command "); });
      if (!is_command || step.is_adopted) continue;
      EXPECT_TRUE(
          distinct.contains(look.id + "/" + path + "/" + std::to_string(look.attempts.at(path))))
          << path;
    }
  }

  void meet_fault(std::uint64_t at, const RunLook& undisturbed) {
    const Project project = start_->copy_to(here_.path() / ("at-" + std::to_string(at)));
    FaultPlan fault;
    fault.kind = GetParam().kind;
    fault.at = at;
    const FaultyRun faulty = project.writ(words(), fault);
    if (is_death(GetParam())) {
      // Calls that depend on timing make some runs shorter than the one that was counted.
      if (faulty.signal != SIGKILL) ++missed_;
    } else {
      expect_clear_error(faulty);
    }
    tell_again(project, deed());
    if (HasFatalFailure()) return;
    tell(project, story(), GetParam().deed + 1, story().deeds.size());
    if (HasFatalFailure()) return;
    const FaultyRun verified = project.writ({"verify"});
    EXPECT_EQ(verified.exit_code, 0) << said_by(verified);
    expect_same_end(project, undisturbed, faulty);
    if (!HasFailure()) std::filesystem::remove_all(here_.path() / ("at-" + std::to_string(at)));
  }

  // Either the call did not matter, or the error says what the disk said, and to try again.
  void expect_clear_error(const FaultyRun& faulty) const {
    ASSERT_EQ(faulty.signal, 0);
    if (faulty.exit_code == deed().exit) return;
    EXPECT_EQ(faulty.exit_code, 9) << said_by(faulty);
    const std::string all = faulty.output + faulty.errors;
    // In the words of SQLite, which does not always hand on what the system said, or the system's.
    constexpr std::string_view kCauses[] = {"disk I/O error", "nput/output error", "disk is full",
                                            "o space left on device", "unable to open database"};
    const bool names_cause =
        std::any_of(std::begin(kCauses), std::end(kCauses),
                    [&](std::string_view cause) { return all.find(cause) != std::string::npos; });
    EXPECT_TRUE(names_cause) << said_by(faulty);
  }

  static std::unique_ptr<TemporaryDirectory> kept_;
  static std::optional<Project> pristine_;
  TemporaryDirectory here_;
  std::optional<Project> start_;
  std::uint64_t missed_ = 0;
};

std::unique_ptr<TemporaryDirectory> Execution::kept_;
std::optional<Project> Execution::pristine_;

TEST_P(Execution, ComesToTheEndOfAnUndisturbedRun) {
  prepare();
  ASSERT_FALSE(HasFailure());
  const Project counted = start_->copy_to(here_.path() / "counted");
  const std::uint64_t calls = counted.writ(words()).calls;
  const Project calm = pristine_->copy_to(here_.path() / "calm");
  tell(calm, story(), 0, story().deeds.size());
  ASSERT_FALSE(HasFailure());
  const auto undisturbed = look_at(calm);
  ASSERT_TRUE(undisturbed) << undisturbed.error().text();
  ASSERT_EQ(undisturbed->status, story().end);

  const std::uint64_t points = std::min(calls, GetParam().points);
  for (std::uint64_t i = 0; i < points && !HasFailure(); ++i) {
    const std::uint64_t at = 1 + i * calls / points;
    SCOPED_TRACE("fault at call " + std::to_string(at) + " of " + std::to_string(calls));
    meet_fault(at, *undisturbed);
  }
  std::cout << "[   points ] " << points - missed_ << " of " << calls << " calls of writ "
            << words().front() << "\n";
  (is_death(GetParam()) ? Total::kills : Total::errors) += points - missed_;
  EXPECT_LE(missed_ * 10, points);
}

constexpr std::uint64_t kEveryCall = 1000;

INSTANTIATE_TEST_SUITE_P(Deaths, Execution,
                         testing::Values(Case{"OfCommands", "commands", 0, "kill", kEveryCall},
                                         Case{"OfCommandsMidWrite", "commands", 0, "torn", 50},
                                         Case{"WithoutCommands", "no commands", 0, "kill", 100},
                                         Case{"WithoutCommandsMidWrite", "no commands", 0, "torn",
                                              30},
                                         Case{"OfRecovery", "commands", 0, "kill", 50, true},
                                         Case{"OfAPacket", "packet", 0, "kill", 60}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Errors, Execution,
                         testing::Values(Case{"OfCommands", "commands", 0, "eio", 50},
                                         Case{"OfCommandsOnAFullDisk", "commands", 0, "enospc", 50},
                                         Case{"WithoutCommands", "no commands", 0, "eio", 30},
                                         Case{"WithoutCommandsOnAFullDisk", "no commands", 0,
                                              "enospc", 30},
                                         Case{"OfRecovery", "commands", 0, "eio", 30, true},
                                         Case{"OfAPacket", "packet", 0, "enospc", 30}),
                         [](const auto& test) { return test.param.name; });

// What people do between two drives.
INSTANTIATE_TEST_SUITE_P(ActDeaths, Execution,
                         testing::Values(Case{"OfApproval", "approval", 1, "kill", kEveryCall},
                                         Case{"OfRejection", "rejection", 1, "kill", 40},
                                         Case{"OfWaiting", "external", 0, "kill", 30},
                                         Case{"OfClaim", "external", 1, "kill", kEveryCall},
                                         Case{"OfSubmission", "external", 2, "kill", kEveryCall},
                                         Case{"OfResolution", "blocker", 1, "kill", kEveryCall},
                                         Case{"OfCancellation", "cancelled", 1, "kill", kEveryCall},
                                         Case{"OfReplan", "replanned", 1, "kill", 60}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(ActErrors, Execution,
                         testing::Values(Case{"OfApproval", "approval", 1, "enospc", 20},
                                         Case{"OfRejection", "rejection", 1, "eio", 10},
                                         Case{"OfWaiting", "external", 0, "eio", 30},
                                         Case{"OfClaim", "external", 1, "eio", 20},
                                         Case{"OfSubmission", "external", 2, "enospc", 20},
                                         Case{"OfResolution", "blocker", 1, "eio", 20},
                                         Case{"OfCancellation", "cancelled", 1, "enospc", 20},
                                         Case{"OfReplan", "replanned", 1, "eio", 30}),
                         [](const auto& test) { return test.param.name; });

// Starts `writ apply` and comes back at once.
pid_t start_apply(const Project& project, const char* spec) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int nowhere = ::open("/dev/null", O_RDWR);
  if (nowhere < 0 || ::dup2(nowhere, 1) < 0 || ::dup2(nowhere, 2) < 0) ::_exit(126);
  if (::chdir(project.root().c_str()) != 0) ::_exit(126);
  ::execl(WRIT_BINARY, WRIT_BINARY, "apply", spec, nullptr);
  ::_exit(127);
}

// proc(5): what /proc/PID/stat says; zeros of a process that is no more.
struct ProcessStat {
  std::string name;
  int parent = 0;
  int group = 0;
  int session = 0;
};
ProcessStat stat_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = text.find('(');
  const std::size_t end = text.rfind(')');
  ProcessStat out;
  if (begin == std::string::npos || end == std::string::npos) return out;
  out.name = text.substr(begin + 1, end - begin - 1);
  std::istringstream rest(text.substr(end + 1));
  std::string state;
  rest >> state >> out.parent >> out.group >> out.session;
  return out;
}

// Whether it is the command's child that hides: `sleep`, leader of a session of its own.
bool hides(int pid) {
  const ProcessStat stat = stat_of(pid);
  return stat.name == "sleep" && stat.session == pid;
}

// As when the machine's memory runs out: the driver and the trampoline, which would have ended what
// it started, go at the same moment.
void kill_with_trampoline(pid_t driver) {
  ::kill(driver, SIGSTOP);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid > 0 && stat_of(pid).parent == driver) ::kill(pid, SIGKILL);
  }
  ::kill(driver, SIGKILL);
}

// The run whose second command has begun, once its child that hides is there too; empty when that
// takes too long.
std::string run_in_the_middle(const Project& project) {
  constexpr int kTries = 12'000;
  for (int i = 0; i < kTries; ++i) {
    const auto marks = project.marks();
    if (marks.size() == 2) {
      const std::string run = marks[1].substr(0, marks[1].find('/'));
      const std::vector<int> processes = processes_of_run(run);
      if (std::any_of(processes.begin(), processes.end(), hides)) return run;
    }
    ::usleep(5'000);
  }
  return {};
}

// No write happens while a command runs, so no sweep over writes ends the driver there.
TEST(OrphansOfADeadDriver, AreEndedBeforeTheStepRunsAgain) {
  const TemporaryDirectory here;
  const Project project = Project::create(here.path() / "project");
  const pid_t driver = start_apply(project, kEndlessSpec);
  ASSERT_GT(driver, 0);
  const std::string run = run_in_the_middle(project);
  kill_with_trampoline(driver);
  ASSERT_EQ(::waitpid(driver, nullptr, 0), driver);
  ASSERT_FALSE(run.empty());
  EXPECT_FALSE(processes_of_run(run).empty()) << "nothing outlived the driver";
  const FaultyRun resumed = project.writ({"resume"});
  EXPECT_EQ(resumed.exit_code, 0) << said_by(resumed);
  EXPECT_EQ(processes_of_run(run), std::vector<int>{});
  const std::vector<std::string> expected{run + "/main/first/1", run + "/main/endless/1",
                                          run + "/main/endless/2"};
  EXPECT_EQ(project.marks(), expected);
  const FaultyRun verified = project.writ({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << said_by(verified);
}

}  // namespace
}  // namespace writ::chaos
