// The checks of test results: what ran on this tree, and what it proves.
#include <set>

#include "executors/check.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

// Tests evidence of the tree as it is; that of an older tree proves nothing here.
std::vector<const evidence::Record*> fresh_tests(const StepContext& context) {
  std::vector<const evidence::Record*> out;
  for (const evidence::Record& record : context.evidence) {
    if (record.kind == evidence::Kind::tests && record.tree == context.tree.digest) {
      out.push_back(&record);
    }
  }
  return out;
}

std::int64_t fact_of(const evidence::Record& record, const std::string& name) {
  const auto fact = record.facts.find(name);
  return fact != record.facts.end() && fact->second.is_integer() ? fact->second.as_integer() : 0;
}

Problem problem_about(std::string rule, std::string message, std::string remedy) {
  Problem problem;
  problem.rule = std::move(rule);
  problem.message = std::move(message);
  problem.remedy = std::move(remedy);
  return problem;
}

}  // namespace

Result<StepResult> check_tests(const StepContext& context, const CheckDeps&, std::stop_token) {
  std::vector<Problem> problems;
  std::int64_t passed = 0;
  for (const evidence::Record* record : fresh_tests(context)) {
    passed += fact_of(*record, "tests.passed");
    const std::int64_t failed = fact_of(*record, "tests.failed");
    if (failed == 0) continue;
    problems.push_back(problem_about("tests",
                                     std::to_string(failed) + " tests of " + record->name +
                                         " (step " + record->step + ") failed",
                                     "Mend them and run the step again"));
  }
  if (passed == 0 && problems.empty()) {
    problems.push_back(problem_about("tests", "no test has passed on this tree",
                                     "Run a step that declares evidence: {tests: REPORT}"));
  }
  return from_problems(std::move(problems), {"problem with the tests", "problems with the tests"});
}

Result<StepResult> check_acceptance(const StepContext& context, const CheckDeps&, std::stop_token) {
  std::set<std::string> proved;
  for (const evidence::Record* record : fresh_tests(context)) {
    const Value* list = record->data.find("proves");
    if (list == nullptr || !list->is_array()) continue;
    for (const Value& id : list->as_array()) {
      if (id.is_string()) proved.insert(id.as_string());
    }
  }
  std::vector<Problem> problems;
  for (const protocol::Criterion& criterion : context.plan.acceptance) {
    if (proved.contains(criterion.id)) continue;
    problems.push_back(problem_about(
        criterion.id, criterion.id + " is unproved: " + criterion.text,
        criterion.proved_by.empty()
            ? "Name the tests that prove it under proved_by"
            : "A test that matches " + criterion.proved_by.front() + " must pass on this tree"));
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::acceptance;
  draft.name = "acceptance";
  Array list;
  for (const std::string& id : proved) list.emplace_back(id);
  draft.data = Object{{"proved", std::move(list)}};
  StepResult result = from_problems(
      std::move(problems), {"acceptance criterion unproved", "acceptance criteria unproved"});
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
