#include "project.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/clock.h"
#include "base/document.h"
#include "base/random.h"
#include "evidence/archive.h"
#include "execution/journal.h"
#include "ledger/ledger.h"
#include "store/blob_store.h"
#include "store/open.h"

namespace writ::chaos {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCommands = R"(writ: 1
kind: Spec
module: {id: chaos.commands}
steps:
  - {id: first, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log'}
  - {id: talkative, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log; echo said; echo wrong >&2'}
  - id: forgetful
    shell: true
    sandbox: "off"
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; setsid sleep 600 >/dev/null 2>&1 &'
  - id: tests
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; sh ./report.sh'
    evidence: {tests: out/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
)";

constexpr const char* kNoCommands = R"(writ: 1
kind: Spec
module: {id: chaos.no-commands}
steps:
  - {id: pause, wait: 0s}
  - {id: nothing-open, wait: 0s, gate: steps.unfinished == 0}
  - {id: again, wait: 0s}
  - {id: scan, check: scan, gate: scan.violations == 0}
)";

constexpr const char* kApproval = R"(writ: 1
kind: Spec
module: {id: chaos.approval}
steps:
  - id: tests
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; echo looked at; sh ./report.sh'
    evidence: {tests: out/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
  - {id: review, approval: {by: "role:maintainer", not: runner}}
)";

constexpr const char* kEverything = R"(writ: 1
kind: Spec
module: {id: chaos.everything}
steps:
  - id: tests
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; echo looked at; sh ./report.sh'
    evidence: {tests: out/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
  - {id: scan, check: scan, gate: scan.violations == 0, blocks: FIX_REQUIRED}
  - id: note
    external: {by: "role:maintainer", instructions: Write down what you saw}
    evidence: {file: out/note.txt}
  - {id: review, approval: {by: "role:maintainer", not: runner}}
)";

constexpr const char* kStale = R"(writ: 1
kind: Spec
module: {id: chaos.stale}
steps:
  - id: tests
    run: echo all tests passed
    evidence: {tests: out/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
)";

constexpr const char* kEndless = R"(writ: 1
kind: Spec
module: {id: chaos.endless}
steps:
  - {id: first, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log'}
  - id: endless
    shell: true
    sandbox: "off"
    run: |
      echo $WRIT_STEP_TOKEN >> marks.log
      test $(wc -l < marks.log) -gt 2 && exit 0
      setsid sleep 600 >/dev/null 2>&1 &
      sleep 600
)";

constexpr const char* kExternal = R"(writ: 1
kind: Spec
module: {id: chaos.external}
protocols: [one-file@1]
steps:
  - id: note
    external: {by: "role:maintainer", instructions: Write down what you saw}
    evidence: {file: out/note.txt}
)";

// Under it, the files of the tree before each step are kept.
constexpr const char* kOneFile = R"(writ: 1
kind: Protocol
id: one-file
version: 1.0.0
authority: enforced
rules: {sequential: true}
)";

constexpr const char* kBlocked = R"(writ: 1
kind: Spec
module: {id: chaos.blocked}
steps:
  - {id: first, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log'}
  - id: unclear
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; test -e out/agreed'
    blocks: SPEC_BLOCKER
)";

constexpr const char* kPacket = R"(writ: 1
kind: Spec
module: {id: chaos.packet}
steps:
  - {id: part, spec: {path: part.yaml, worktree: true}}
  - id: brought
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; cat one.txt two.txt && ! test -e code.cc'
)";

constexpr const char* kPart = R"(writ: 1
kind: Spec
module: {id: chaos.part}
steps:
  - {id: make, shell: true, run: 'echo 1 > one.txt; echo 2 > two.txt; rm -f code.cc'}
)";

constexpr const char* kReplanned = R"(writ: 1
kind: Spec
module: {id: chaos.replanned}
steps:
  - id: first
    shell: true
    run: 'echo $WRIT_STEP_TOKEN >> marks.log; sh ./report.sh'
    inputs: [code.cc]
    evidence: {tests: out/junit.xml}
  - {id: second, shell: true, run: 'echo $WRIT_STEP_TOKEN >> marks.log; false'}
)";

constexpr const char* kReport = R"(mkdir -p out
cat > out/junit.xml <<'END'
<testsuite name="suite" tests="2" failures="0">
  <testcase classname="Suite" name="Adds"/><testcase classname="Suite" name="Subtracts"/>
</testsuite>
END
)";

// Git and Writ alike see no configuration but the repository's own.
void forget_configuration() {
  ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  for (const char* name : {"GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"}) ::setenv(name, "Test", 1);
  for (const char* name : {"GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"}) {
    ::setenv(name, "test@example.org", 1);
  }
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "WRIT_KEY_PASSPHRASE"}) {
    ::unsetenv(name);
  }
}

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A ledger knows its log by the project's id.
Result<std::string> origin_of(const Project& project) {
  WRIT_TRY(const Document config, load_document(project.writ_directory() / "config.yaml"));
  return "writ.local/" + std::string(config.root.string_or("project", ""));
}

Result<void> add_steps(const execution::Journal& journal, RunLook& out) {
  WRIT_TRY(const auto records, journal.evidence());
  const auto& plan = journal.plan();
  const auto& states = journal.state().steps;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const std::string& path = plan.steps[i].path;
    StepLook& step = out.steps[path];
    step.status = execution::status_name(states[i].status);
    step.is_claimed = !states[i].claimed_by.empty();
    step.is_adopted = states[i].adopted.has_value();
    out.attempts[path] = states[i].attempt;
    for (const evidence::Record& record : records) {
      if (record.step != path || record.attempt != states[i].attempt) continue;
      step.evidence.push_back(std::string(evidence::kind_name(record.kind)) + " " + record.name);
    }
  }
  return {};
}

Result<void> add_words(const execution::Journal& journal, RunLook& out) {
  WRIT_TRY(const auto statements, journal.statements());
  for (const execution::StatementRow& row : statements) {
    out.words.push_back(row.kind + " " + row.step);
  }
  for (const execution::Blocker& blocker : journal.state().blockers) {
    out.blockers.push_back(std::string(execution::blocker_name(blocker.kind)) + " " + blocker.step +
                           (blocker.is_open ? " open" : " resolved"));
  }
  return {};
}

Result<void> add_completions(const ledger::Ledger& ledger, RunId run, RunLook& out) {
  WRIT_TRY(const auto events, ledger.of_run(run));
  const std::string prefix = "run/" + run.text() + "/step/";
  for (const ledger::Event& event : events) {
    if (event.entry.type != "writ.step.completed") continue;
    ++out.completions[event.entry.subject.substr(prefix.size())];
  }
  return {};
}

}  // namespace

Project Project::create(const fs::path& directory) {
  forget_configuration();
  const Project project(directory);
  fs::create_directories(project.root());
  std::ofstream(project.root() / kCommandSpec) << kCommands;
  std::ofstream(project.root() / kNoCommandSpec) << kNoCommands;
  std::ofstream(project.root() / kApprovalSpec) << kApproval;
  std::ofstream(project.root() / kEverythingSpec) << kEverything;
  std::ofstream(project.root() / kStaleSpec) << kStale;
  std::ofstream(project.root() / kEndlessSpec) << kEndless;
  std::ofstream(project.root() / kExternalSpec) << kExternal;
  std::ofstream(project.root() / kBlockedSpec) << kBlocked;
  std::ofstream(project.root() / kReplannedSpec) << kReplanned;
  std::ofstream(project.root() / kPacketSpec) << kPacket;
  std::ofstream(project.root() / "part.yaml") << kPart;
  std::ofstream(project.root() / "report.sh") << kReport;
  std::ofstream(project.root() / "code.cc") << "int answer() { return 42; }\n";
  std::ofstream(project.root() / ".gitignore") << "marks.log\nout/\n";
  project.shell("git init -q -b main .");
  const auto run = [&](const std::vector<std::string>& words) {
    const FaultyRun said = project.writ(words);
    EXPECT_EQ(said.exit_code, 0) << words.front() << ": " << said.output << said.errors;
  };
  run({"init"});
  fs::create_directories(project.writ_directory() / "protocols");
  std::ofstream(project.writ_directory() / "protocols" / "one-file.yaml") << kOneFile;
  run({"keys", "new", "--out", project.reviewer_key().string()});
  run({"trust", "add", "--role", "maintainer", project.reviewer_key().string() + ".pub"});
  project.shell("git add -A && git commit -q -m start");
  return project;
}

Project Project::copy_to(const fs::path& directory) const {
  fs::copy(directory_, directory, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  return Project(directory);
}

FaultyRun Project::writ(const std::vector<std::string>& words, FaultPlan fault) const {
  std::vector<std::string> command{WRIT_BINARY};
  command.insert(command.end(), words.begin(), words.end());
  fs::create_directories(writ_directory());
  fault.under = writ_directory().string();
  fault.program = fs::path(WRIT_BINARY).filename().string();
  return run_with_fault(command, root().string(), fault);
}

void Project::shell(const std::string& script) const {
  const std::string command = "cd '" + root().string() + "' && " + script;
  ASSERT_EQ(std::system(command.c_str()), 0) << script;
}

std::vector<std::string> Project::marks() const {
  std::ifstream in(root() / "marks.log");
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

Result<RunLook> look_at(const Project& project) {
  return look_at(project, "sqlite:" + (project.writ_directory() / "writ.db").string());
}

Result<RunLook> look_at(const Project& project, const std::string& url) {
  const SystemClock clock;
  SystemRandom random;
  WRIT_TRY(const auto store, store::open(url));
  WRIT_TRY(const auto runs, execution::list_runs(*store, 10));
  RunLook out;
  for (const execution::RunRow& run : runs) {
    out.runs.emplace_back(execution::status_name(run.status));
  }
  const auto newest = std::ranges::find_if(
      runs, [](const execution::RunRow& row) { return !row.parent.has_value(); });
  if (newest == runs.end()) return out;
  const RunId run = newest->id;
  out.id = run.text();
  out.status = execution::status_name(newest->status);
  out.tree = newest->tree;
  WRIT_TRY(std::string origin, origin_of(project));
  ledger::LedgerOptions options;
  options.origin = std::move(origin);
  WRIT_TRY(const auto ledger, ledger::Ledger::open(*store, clock, random, std::move(options)));
  WRIT_TRY(const auto blobs,
           store::open_blobs(url, *store, project.writ_directory() / "blobs", clock, random));
  WRIT_TRY(const execution::Journal journal,
           execution::Journal::open({*store, *blobs, *ledger, clock, "", ""}, run));
  WRIT_CHECK(add_steps(journal, out));
  WRIT_CHECK(add_words(journal, out));
  WRIT_CHECK(add_completions(*ledger, run, out));
  return out;
}

std::vector<int> processes_of_run(const std::string& run) {
  std::vector<int> out;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); })) {
      continue;
    }
    const std::string environment = content_of(entry.path() / "environ");
    if (environment.find("WRIT_STEP_TOKEN=" + run) != std::string::npos) {
      out.push_back(std::stoi(name));
    }
  }
  return out;
}

}  // namespace writ::chaos
