#include "served_project.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/document.h"
#include "base/id.h"
#include "base/random.h"
#include "store/open.h"

namespace writ::chaos {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTimedSpec = "timed.yaml";
constexpr const char* kTimed = R"(writ: 1
kind: Spec
module: {id: chaos.timed}
steps:
  - {id: first, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log'}
  - {id: pause, wait: 1s}
  - id: note
    external: {by: "role:maintainer", instructions: Write down what you saw}
    evidence: {file: out/note.txt}
  - {id: last, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log'}
)";

}  // namespace

Environment under_clock(const SharedWord& clock) {
  return {{"LD_PRELOAD", WRIT_FAULT_SHIM},
          {"ASAN_OPTIONS", "verify_asan_link_order=0"},
          {"WRIT_CLOCK_OFFSET", clock.path()},
          {"WRIT_RATES_WRITE", "100000/100000"},
          {"WRIT_RATES_LOGIN", "100000/100000"}};
}

void ServedProject::SetUp() {
  project_ = std::make_unique<Project>(Project::create(directory_.path() / "project"));
  std::ofstream(project_->root() / kTimedSpec) << kTimed;
  project_->shell("git add -A && git commit -q -m timed");
  Environment environment = under_clock(clock_);
  environment.insert({{"WRIT_FAULT_UNDER", fs::canonical(project_->writ_directory()).string()},
                      {"WRIT_FAULT_COUNTER", (directory_.path() / "counter").string()},
                      {"WRIT_FAULT_SWITCH", disk_is_full_.path()},
                      {"WRIT_FAULT_KIND", fault_kind()},
                      {"WRIT_FAULT_PROGRAM", fs::path(WRIT_BINARY).filename().string()}});
  const SharedWord counter((directory_.path() / "counter").string());
  run_writ({"identity", "bootstrap-admin", kRoot}, project_->root().string(), {},
           std::string(kRootPassword) + "\n");
  server_ = std::make_unique<ServeProcess>(project_->root().string(), environment, log());
  board_.set(0, server_->url());
  asker_ = std::make_unique<Asker>(server_->url());
  const Said in = sign_in();
  ASSERT_EQ(in.status, 200) << in.shown();
  const Said key =
      asker_->post("/auth/api-keys/", Object{{"purpose", "load"}}, in.text("access_token"));
  ASSERT_EQ(key.status, 201) << key.shown();
  key_ = key.text("key");
  // Workers are processes on the machine whose clock jumps.
  ::setenv("WRIT_CLOCK_OFFSET", clock_.path().c_str(), 1);
}

void ServedProject::TearDown() { ::unsetenv("WRIT_CLOCK_OFFSET"); }

std::string ServedProject::start_run() {
  const SystemClock clock;
  SystemRandom random;
  const std::string id = Uuid::v7(clock, random).text();
  const Said said = asker_->post("/writ/v1/runs", Object{{"spec", kTimedSpec}, {"id", id}}, key_);
  EXPECT_EQ(said.status, 201) << said.shown();
  return id;
}

std::string ServedProject::step_status(const std::string& run, std::size_t step) {
  const Said said = asker_->get("/writ/v1/runs/" + run, key_);
  const Value* const steps = said.body.find("steps");
  if (steps == nullptr || !steps->is_array()) return said.shown();
  return std::string(steps->as_array().at(step).string_or("status", ""));
}

void ServedProject::hand_in_note(const std::string& run) {
  ASSERT_TRUE(waits(run, kNote)) << step_status(run, kNote);
  const auto as_agent = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--key", project_->reviewer_key().string()});
    return project_->writ(words);
  };
  const FaultyRun claimed = as_agent({"claim", run, "main/note"});
  ASSERT_EQ(claimed.exit_code, 0) << claimed.output << claimed.errors;
  const fs::path note = project_->root() / "out" / "note.txt";
  fs::create_directories(note.parent_path());
  std::ofstream(note) << run << "\n";
  // The kernel's clock is right here; on a machine whose clock is wrong it would be wrong too.
  fs::last_write_time(note, fs::file_time_type::clock::now() + wrong_by());
  const FaultyRun handed_in = as_agent({"submit", run, "main/note", "--evidence", "out/note.txt"});
  ASSERT_EQ(handed_in.exit_code, 0) << handed_in.output << handed_in.errors;
}

void ServedProject::expect_attested(const std::string& run) {
  std::string status;
  EXPECT_TRUE(comes_true([&] {
    status = asker_->get("/writ/v1/runs/" + run + "/drive", key_).shown();
    return status.find(R"("status":"attested")") != std::string::npos;
  })) << status;
  attested_.push_back(run);
}

void ServedProject::expect_each_step_once() const {
  std::map<std::string, int> times;
  for (const std::string& mark : project_->marks()) ++times[mark];
  EXPECT_EQ(times.size(), 2 * attested_.size());
  for (const auto& [token, count] : times) EXPECT_EQ(count, 1) << token;
  for (const std::string& run : attested_) {
    const FaultyRun verified = project_->writ({"verify", run});
    EXPECT_EQ(verified.exit_code, 0) << verified.output << verified.errors;
  }
}

void ServedProject::expect_nothing_lost() {
  EXPECT_TRUE(server_->is_alive());
  server_ = nullptr;
  const auto store =
      store::open("sqlite:" + (project_->writ_directory() / "writ.db").string()).value();
  const Document config = load_document(project_->writ_directory() / "config.yaml").value();
  expect_whole(board_, *store, "writ.local/" + std::string(config.root.string_or("project", "")));
  const FaultyRun verified = project_->writ({"ledger", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.output << verified.errors;
}

}  // namespace writ::chaos
