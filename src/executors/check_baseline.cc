// The baseline check (LAW-22): what fails now and did not fail at the base revision is new; what
// failed there too must be declared with file and reason, and what is declared must fail in both.
// The base revision is tested for real, in a worktree of its own.
#include <filesystem>
#include <map>
#include <set>

#include "base/file.h"
#include "base/safe_path.h"
#include "base/words.h"
#include "evidence/test_report.h"
#include "executors/check.h"
#include "executors/report_evidence.h"
#include "executors/run_command.h"
#include "repo/repo.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

using Names = std::set<std::string>;

Names failing_of(const evidence::TestReport& report) {
  Names out;
  for (const evidence::TestCase& test : report.cases) {
    const bool is_bad =
        test.status == evidence::TestStatus::failed || test.status == evidence::TestStatus::errored;
    if (is_bad) out.insert(test.full_name());
  }
  return out;
}

// What the run's own test steps found on this tree.
Result<Names> failing_now(const StepContext& context) {
  Names out;
  for (const evidence::Record& record : context.evidence) {
    if (record.kind != evidence::Kind::tests || record.tree != context.tree.digest) continue;
    for (const store::BlobRef& blob : record.blobs) {
      WRIT_TRY(const std::string bytes, context.blobs.read(blob.digest, kMaxReportBytes));
      WRIT_TRY(const evidence::TestReport report, evidence::parse_test_report(bytes, record.name));
      out.merge(failing_of(report));
    }
  }
  return out;
}

// A linked worktree of the base revision, gone with the object.
class BaseWorktree {
 public:
  static Result<BaseWorktree> check_out(const StepContext& context) {
    WRIT_TRY(repo::Repo repo, repo::Repo::open(context.workspace.root()));
    std::error_code error;
    const std::filesystem::path path =
        std::filesystem::temp_directory_path(error) / ("writ-base-" + context.run.text());
    if (error) return fail(Code::storage_failed, "there is no directory for temporary files");
    std::filesystem::remove_all(path, error);  // of an attempt that was killed
    WRIT_CHECK(repo.add_worktree(repo::CommitId{context.base}, path));
    return BaseWorktree(std::move(repo), path);
  }
  BaseWorktree(BaseWorktree&&) = default;
  BaseWorktree& operator=(BaseWorktree&&) = delete;
  Result<void> remove() { return repo_.remove_worktree(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  BaseWorktree(repo::Repo repo, std::filesystem::path path)
      : repo_(std::move(repo)), path_(std::move(path)) {}
  repo::Repo repo_;
  std::filesystem::path path_;
};

// What is run at the base revision: one command that the check names, or every `run` step that
// the plan's test steps rest on, in their order.
struct Rehearsed {
  process::Command command;
  std::vector<std::string> reports;  // relative to the tree, or `stdout`
};
using Rehearsal = std::vector<Rehearsed>;

Result<std::vector<std::string>> words_of(const Value& command) {
  if (command.is_string()) return split_words(command.as_string());
  std::vector<std::string> out;
  if (command.is_array()) {
    for (const Value& word : command.as_array()) {
      if (word.is_string()) out.push_back(word.as_string());
    }
  }
  return out;
}

Result<Rehearsal> named_rehearsal(const StepContext& context, const CheckDeps& deps,
                                  const Value& with, const std::filesystem::path& tree) {
  process::Command command;
  WRIT_TRY(command.argv, words_of(*with.find("command")));
  command.directory = tree;
  command.environment = process::allowed_environment(deps.environment, {}, {});
  command.timeout = context.step.timeout;
  command.masked = deps.masked;
  command.token = context.token;
  return Rehearsal{{std::move(command), {std::string(with.string_or("report", ""))}}};
}

// The run steps that `wanted` rests on, itself among them.
std::set<std::string> steps_under(const protocol::Plan& plan, std::set<std::string> wanted) {
  for (std::size_t i = plan.steps.size(); i-- > 0;) {
    const protocol::PlanStep& step = plan.steps[i];
    if (wanted.contains(step.path)) wanted.insert(step.needs.begin(), step.needs.end());
  }
  return wanted;
}

std::vector<std::string> reports_of(const protocol::PlanStep& step) {
  std::vector<std::string> out;
  for (const protocol::EvidenceWanted& evidence : step.evidence) {
    if (evidence.kind == "tests") out.push_back(evidence.path);
  }
  return out;
}

Result<Rehearsal> planned_rehearsal(const StepContext& context, const CheckDeps& deps,
                                    const std::filesystem::path& tree) {
  std::set<std::string> wanted;
  for (const protocol::PlanStep& step : context.plan.steps) {
    const bool is_run = step.kind == protocol::StepKind::run;
    if (is_run && !reports_of(step).empty()) wanted.insert(step.path);
  }
  wanted = steps_under(context.plan, std::move(wanted));
  Rehearsal rehearsal;
  for (const protocol::PlanStep& step : context.plan.steps) {
    if (step.kind != protocol::StepKind::run || !wanted.contains(step.path)) continue;
    WRIT_TRY(process::Command command,
             command_of(step, tree, {deps.runner, deps.environment, deps.masked},
                        context.idempotency_key, context.token));
    rehearsal.push_back({std::move(command), reports_of(step)});
  }
  return rehearsal;
}

// A command that fails leaves its mark in the reports; where one is missing, nothing is known
// about the base.
Result<Names> rehearse_one(const Rehearsed& step, const CheckDeps& deps,
                           const std::filesystem::path& tree, std::stop_token stop) {
  for (const std::string& report : step.reports) {
    if (report == kOutput) continue;
    WRIT_TRY(const auto path, join_inside(tree, report));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // one that was committed is no news
  }
  WRIT_TRY(const process::Outcome outcome, deps.runner.run(step.command, {}, stop));
  if (outcome.ending == process::Ending::cancelled) {
    return fail(Code::cancelled, "the tests of the base revision were stopped on request");
  }
  Names names;
  for (const std::string& report : step.reports) {
    std::string bytes = outcome.out;
    if (report != kOutput) {
      WRIT_TRY(bytes, FilesBelow(tree).read(report, kMaxReportBytes));
    }
    WRIT_TRY(const evidence::TestReport parsed, evidence::parse_test_report(bytes, report));
    names.merge(failing_of(parsed));
  }
  return names;
}

Result<Names> rehearse(const Rehearsal& rehearsal, const CheckDeps& deps,
                       const std::filesystem::path& tree, std::stop_token stop) {
  Names names;
  for (const Rehearsed& step : rehearsal) {
    WRIT_TRY(Names found, rehearse_one(step, deps, tree, stop));
    names.merge(std::move(found));
  }
  return names;
}

Result<Names> failing_at_base(const StepContext& context, const CheckDeps& deps, const Value& with,
                              std::stop_token stop) {
  WRIT_TRY(BaseWorktree base, BaseWorktree::check_out(context));
  Result<Names> names = [&]() -> Result<Names> {
    const bool is_named = with.find("command") != nullptr;
    WRIT_TRY(const Rehearsal rehearsal, is_named ? named_rehearsal(context, deps, with, base.path())
                                                 : planned_rehearsal(context, deps, base.path()));
    WRIT_TRY(Names found, rehearse(rehearsal, deps, base.path(), stop));
    return found;
  }();
  WRIT_CHECK(base.remove());
  return names;
}

// Failures that are said to have been there: by the spec, and by the check itself.
struct Declared {
  std::string file;
  std::string reason;
};

std::map<std::string, Declared> declared_of(const StepContext& context, const Value& with) {
  std::map<std::string, Declared> out;
  for (const protocol::KnownFailure& known : context.plan.known_failures) {
    out.emplace(known.test, Declared{known.file, known.reason});
  }
  const Value* list = with.find("declared");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& item : list->as_array()) {
    out.emplace(item.string_or("test", ""), Declared{std::string(item.string_or("file", "")),
                                                     std::string(item.string_or("reason", ""))});
  }
  return out;
}

Problem problem_about(std::string file, std::string message, std::string remedy) {
  Problem problem;
  problem.file = std::move(file);
  problem.rule = "baseline";
  problem.message = std::move(message);
  problem.remedy = std::move(remedy);
  return problem;
}

class Comparison {
 public:
  Comparison(const StepContext& context, Names now, Names before,
             std::map<std::string, Declared> declared)
      : context_(context),
        now_(std::move(now)),
        before_(std::move(before)),
        declared_(std::move(declared)) {}

  StepResult result() {
    for (const std::string& test : now_) judge_failure(test);
    for (const auto& [test, declared] : declared_) judge_declaration(test, declared);
    Array known;
    for (const auto& [test, declared] : declared_) {
      if (!now_.contains(test) || !before_.contains(test)) continue;
      known.push_back(Object{{"test", test}, {"file", declared.file}, {"reason", declared.reason}});
    }
    evidence::Draft draft;
    draft.kind = evidence::Kind::baseline;
    draft.name = "baseline";
    draft.facts = {{"baseline.undeclared", Value(problems_.size())}};
    draft.data = Object{{"failing", now_.size()},
                        {"failing_at_base", before_.size()},
                        {"declared", std::move(known)}};
    StepResult result = from_problems(
        std::move(problems_), {"failure that is no known one", "failures that are not known ones"});
    result.evidence.push_back(std::move(draft));
    return result;
  }

 private:
  void judge_failure(const std::string& test) {
    if (!before_.contains(test)) {
      problems_.push_back(
          problem_about("", test + " fails, and did not fail at the base revision", "Mend it"));
    } else if (!declared_.contains(test)) {
      problems_.push_back(problem_about(
          "", test + " failed at the base revision too, and nobody declared it",
          "Declare it in the spec: known_failures: [{test: " + test + ", file: …, reason: …}]"));
    }
  }

  // A new failure is reported once, by judge_failure.
  void judge_declaration(const std::string& test, const Declared& declared) {
    if (!now_.contains(test)) {
      problems_.push_back(problem_about(declared.file,
                                        test + " is declared as failing, and does not fail here",
                                        "Take it out of the known failures"));
    }
    const auto path = join_inside(context_.workspace.root(), declared.file);
    std::error_code ignored;
    if (!path || !std::filesystem::is_regular_file(*path, ignored)) {
      problems_.push_back(problem_about(declared.file,
                                        test + " is declared to be in a file that is not there",
                                        "Name the file that the test is in"));
    }
  }

  const StepContext& context_;
  Names now_;
  Names before_;
  std::map<std::string, Declared> declared_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<StepResult> check_baseline(const StepContext& context, const CheckDeps& deps,
                                  std::stop_token stop) {
  const Value* given = context.step.with.find("with");
  const Value with = given != nullptr ? *given : Value(Object{});
  WRIT_TRY(Names now, failing_now(context));
  std::map<std::string, Declared> declared = declared_of(context, with);
  Names before;
  if (!now.empty()) {
    auto found = failing_at_base(context, deps, with, stop);
    const bool is_about_the_base = !found && (found.error().code == Code::not_found ||
                                              found.error().code == Code::invalid_input);
    if (is_about_the_base) {
      return from_problems(
          {problem_about("", "the base revision cannot be tested: " + found.error().message,
                         "Mend what fails here: nothing shows that it is older")},
          {"failure that cannot be told from new ones",
           "failures that cannot be told from new ones"});
    }
    if (!found) return std::unexpected(found.error());
    before = *std::move(found);
  }
  return Comparison(context, std::move(now), std::move(before), std::move(declared)).result();
}

}  // namespace writ::executors
