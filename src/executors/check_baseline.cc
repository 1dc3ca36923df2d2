// The baseline check (LAW-22): what fails now and did not fail at the base revision is new; what
// failed there too must be declared with its reason. The base revision is tested for real, in a
// worktree of its own.
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/safe_path.h"
#include "base/words.h"
#include "evidence/test_report.h"
#include "executors/check.h"
#include "executors/report_evidence.h"
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

Result<std::vector<std::string>> words_of(const Value* command) {
  if (command != nullptr && command->is_string()) {
    return split_words(command->as_string());
  }
  std::vector<std::string> out;
  if (command != nullptr && command->is_array()) {
    for (const Value& word : command->as_array()) {
      if (word.is_string()) out.push_back(word.as_string());
    }
  }
  if (!out.empty()) return out;
  return fail(Code::invalid_input, "the baseline check has no command",
              "Give with: {command: …, report: PATH}");
}

Result<Names> failing_at_base(const StepContext& context, const CheckDeps& deps, const Value& with,
                              std::stop_token stop) {
  process::Command command;
  WRIT_TRY(command.argv, words_of(with.find("command")));
  WRIT_TRY(BaseWorktree base, BaseWorktree::check_out(context));
  command.directory = base.path();
  command.environment = process::allowed_environment(deps.environment, {}, {});
  command.timeout = context.step.timeout;
  command.token = context.token;
  Result<Names> names = [&]() -> Result<Names> {
    WRIT_TRY(const process::Outcome outcome, deps.runner.run(command, {}, stop));
    const std::string_view named = with.string_or("report", "");
    std::string bytes = outcome.out;
    if (named != kOutput) {
      WRIT_TRY(const auto path, join_inside(base.path(), named));
      WRIT_TRY(bytes, read_file(path, kMaxReportBytes));
    }
    WRIT_TRY(const evidence::TestReport report, evidence::parse_test_report(bytes, named));
    return failing_of(report);
  }();
  WRIT_CHECK(base.remove());
  return names;
}

Names declared_of(const Value& with) {
  Names out;
  const Value* list = with.find("declared");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& item : list->as_array()) {
    const bool has_reason = !item.string_or("reason", "").empty();
    if (has_reason) out.insert(std::string(item.string_or("test", "")));
  }
  return out;
}

Problem problem_about(const std::string& test, bool was_failing) {
  Problem problem;
  problem.rule = "baseline";
  problem.message = was_failing ? test + " failed at the base revision too and is not declared"
                                : test + " fails, and did not fail at the base revision";
  problem.remedy =
      was_failing ? "Declare it: with: {declared: [{test: …, file: …, reason: …}]}" : "Mend it";
  return problem;
}

}  // namespace

Result<StepResult> check_baseline(const StepContext& context, const CheckDeps& deps,
                                  std::stop_token stop) {
  const Value* given = context.step.with.find("with");
  const Value with = given != nullptr ? *given : Value(Object{});
  WRIT_TRY(const Names now, failing_now(context));
  Names before;
  if (!now.empty()) {
    WRIT_TRY(before, failing_at_base(context, deps, with, stop));
  }
  const Names declared = declared_of(with);
  std::vector<Problem> problems;
  Array known;
  for (const std::string& test : now) {
    const bool was_failing = before.contains(test);
    if (was_failing && declared.contains(test)) {
      known.emplace_back(test);
    } else {
      problems.push_back(problem_about(test, was_failing));
    }
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::baseline;
  draft.name = "baseline";
  draft.facts = {{"baseline.undeclared", Value(problems.size())}};
  draft.data = Object{
      {"failing", now.size()}, {"failing_at_base", before.size()}, {"declared", std::move(known)}};
  StepResult result =
      from_problems(std::move(problems), {"failure not declared", "failures not declared"});
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
