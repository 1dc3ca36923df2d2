// The contract check: the JSON Schemas among the changed files compile.
#include "base/document.h"
#include "base/safe_path.h"
#include "contract/schema.h"
#include "executors/check.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

bool is_schema(std::string_view path) {
  return path.ends_with(".schema.json") || path.ends_with(".schema.yaml");
}

void add_problems(const std::string& path, const Error& error, std::vector<Problem>& out) {
  const auto add = [&](Position at, const std::string& message, const std::string& remedy) {
    Problem problem;
    problem.file = path;
    problem.at = at;
    problem.rule = "contract";
    problem.message = message;
    problem.remedy = remedy;
    out.push_back(std::move(problem));
  };
  for (const Diagnostic& d : error.diagnostics) add(d.at, d.message, d.remedy);
  if (error.diagnostics.empty()) add({}, error.message, error.remediation);
}

}  // namespace

Result<StepResult> check_contract(const StepContext& context, const CheckDeps&, std::stop_token) {
  WRIT_TRY(const auto changes, context.workspace.changes_since(context.base));
  std::vector<Problem> problems;
  Array compiled;
  for (const repo::Change& change : changes) {
    if (change.kind == repo::ChangeKind::removed || !is_schema(change.path)) continue;
    WRIT_TRY(const auto path, join_inside(context.workspace.root(), change.path));
    const auto document = load_document(path);
    if (!document) {
      add_problems(change.path, document.error(), problems);
      continue;
    }
    const auto schema = contract::Schema::compile(*document);
    if (!schema)
      add_problems(change.path, schema.error(), problems);
    else
      compiled.emplace_back(change.path);
  }
  StepResult result = from_problems(
      std::move(problems), {"schema that does not compile", "schemas that do not compile"});
  evidence::Draft draft;
  draft.kind = evidence::Kind::note;
  draft.name = "contracts";
  draft.data = Object{{"compiled", std::move(compiled)}};
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
