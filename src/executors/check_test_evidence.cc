// The test-evidence check (LAW-14): every test of the scope's GoogleTest sources asserts something
// beyond a status flag.
#include <algorithm>

#include "base/file.h"
#include "evidence/gtest_sources.h"
#include "executors/check.h"
#include "executors/test_demands.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

constexpr std::size_t kMaxSource = 4u << 20;

// C++ sources whose file name speaks of tests.
bool is_test_source(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const bool is_cpp = name.ends_with(".cc") || name.ends_with(".cpp") || name.ends_with(".cxx") ||
                      name.ends_with(".h") || name.ends_with(".hpp");
  return is_cpp && name.find("test") != std::string_view::npos;
}

Result<std::vector<evidence::TestSource>> read_sources(const StepContext& context) {
  std::vector<evidence::TestSource> out;
  if (!context.tree.files) return fail(Code::internal, "the tree has no list of files");
  const FilesBelow files(context.workspace.root());
  for (const repo::TreeFile& file : *context.tree.files) {
    if (!is_test_source(file.path)) continue;
    WRIT_TRY(std::string text, files.read(file.path, kMaxSource));
    out.push_back({file.path, std::move(text)});
  }
  return out;
}

Problem problem_of(const evidence::SourceTest& test) {
  Problem problem;
  problem.file = test.path;
  problem.at = {test.line, 1};
  problem.rule = test.is_assertion_free() ? "assertion-free" : "status-only";
  problem.message =
      test.full_name() + (test.is_assertion_free() ? " asserts nothing"
                                                   : " asserts only that a status is as expected");
  problem.remedy = "Assert on contents: what the contract says comes out";
  return problem;
}

}  // namespace

Result<StepResult> check_test_evidence(const StepContext& context, const CheckDeps&,
                                       std::stop_token) {
  WRIT_TRY(const auto sources, read_sources(context));
  const std::vector<evidence::SourceTest> tests = evidence::read_gtest_sources(sources);
  std::vector<Problem> problems;
  for (const evidence::SourceTest& test : tests) {
    if (test.is_assertion_free() || test.is_status_only()) problems.push_back(problem_of(test));
  }
  if (const Value* demands = context.step.with.find("with")) {
    const auto has_file = [&](std::string_view path) {
      return std::ranges::any_of(*context.tree.files,
                                 [&](const repo::TreeFile& file) { return file.path == path; });
    };
    std::ranges::move(unmet_demands(*demands, tests, sources, has_file),
                      std::back_inserter(problems));
  }
  WRIT_TRY(const store::BlobRef table, context.blobs.put(evidence::test_evidence_markdown(tests)));
  StepResult result =
      from_problems(std::move(problems), {"test that proves nothing", "tests that prove nothing"});
  result.evidence.push_back(evidence::test_evidence("test-evidence", tests, {&table, 1}));
  return result;
}

}  // namespace writ::executors
