// The scan check: no forbidden pattern in the files of the scope.
#include "base/json.h"
#include "executors/check.h"
#include "executors/files_in_scope.h"
#include "scan/scan.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

// Of the findings kept inline in the evidence; the whole report is a blob.
constexpr std::size_t kFindingsKept = 20;

std::vector<std::string> rules_of(const StepContext& context) {
  const Value* with = context.step.with.find("with");
  const Value* rules = with != nullptr ? with->find("rules") : nullptr;
  std::vector<std::string> out;
  if (rules != nullptr && rules->is_string()) out.push_back(rules->as_string());
  if (rules != nullptr && rules->is_array()) {
    for (const Value& rule : rules->as_array()) {
      if (rule.is_string()) out.push_back(rule.as_string());
    }
  }
  out.insert(out.end(), context.plan.forbid.begin(), context.plan.forbid.end());
  if (out.empty()) out.emplace_back("zero-tolerance");
  return out;
}

Problem problem_of(const scan::Finding& finding) {
  Problem problem;
  problem.file = finding.path;
  problem.at = finding.at;
  problem.length = finding.length;
  problem.rule = finding.rule;
  problem.message = finding.message;
  problem.line = finding.line;
  return problem;
}

Result<evidence::Draft> scan_evidence(const StepContext& context, const scan::ScanReport& report) {
  const Value whole = report.to_value();
  WRIT_TRY(const store::BlobRef blob, context.blobs.put(to_json(whole)));
  Array first;
  for (const scan::Finding& finding : report.findings) {
    if (first.size() == kFindingsKept) break;
    first.push_back(Object{{"rule", finding.rule},
                           {"path", finding.path},
                           {"line", finding.at.line},
                           {"column", finding.at.column},
                           {"message", finding.message}});
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::scan;
  draft.name = "scan";
  draft.facts = {{"scan.violations", Value(report.findings.size())},
                 {"scan.files", Value(report.files)}};
  draft.data = Object{{"files", report.files},
                      {"violations", report.findings.size()},
                      {"skipped", report.skipped.size()},
                      {"findings", std::move(first)},
                      {"report", blob.digest.hex()}};
  draft.blobs.push_back(blob);
  return draft;
}

}  // namespace

Result<StepResult> check_scan(const StepContext& context, const CheckDeps&, std::stop_token) {
  WRIT_TRY(const std::vector<std::string> files, files_in_scope(context));
  scan::ScanOptions options;
  options.rules = rules_of(context);
  WRIT_TRY(const scan::ScanReport report,
           scan::scan_files(context.workspace.root(), files, options));
  std::vector<Problem> problems;
  problems.reserve(report.findings.size());
  for (const scan::Finding& finding : report.findings) problems.push_back(problem_of(finding));
  StepResult result = from_problems(std::move(problems), {"violation", "violations"});
  WRIT_TRY(evidence::Draft draft, scan_evidence(context, report));
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
