// The one list of facts: docs/formats/facts.md is checked against it.
#include <algorithm>

#include "policy/facts.h"

namespace writ::policy {
namespace {

using enum FactType;
using A = Aggregate;

// The last segment `*` stands for any name.
constexpr FactRow kFacts[] = {
    {"acceptance.proved", number, A::last, "acceptance", "acceptance criteria with a passed test"},
    {"acceptance.unproved", number, A::last, "acceptance",
     "acceptance criteria without a passed test"},
    {"approval.count", number, A::sum, "approval", "valid signed approvals"},
    {"artifacts.missing", number, A::sum, "artifact", "declared artifacts that are not there"},
    {"artifacts.present", number, A::sum, "artifact", "declared artifacts, each digested"},
    {"baseline.undeclared", number, A::sum, "baseline",
     "failures that the base revision does not have and nobody declared"},
    {"benchmark.*", number, A::last, "benchmark", "one figure of a benchmark report, by its name"},
    {"context.missing", number, A::sum, "context", "required documents that were not read"},
    {"context.read", number, A::sum, "context", "required documents read and digested"},
    {"deferral.open", number, A::last, "run", "recorded deferrals that are not closed"},
    {"diff.files", number, A::max, "diff", "files that differ from the base revision"},
    {"diff.largest_file", number, A::max, "diff", "lines of the longest changed file"},
    {"diff.lines_added", number, A::max, "diff", "lines added since the base revision"},
    {"diff.lines_removed", number, A::max, "diff", "lines removed since the base revision"},
    {"diff.outside_scope", number, A::max, "diff", "changed files that the scope does not allow"},
    {"diff.over_budget", number, A::max, "diff", "limits of the budget that are passed"},
    {"exit.code", number, A::max, "command", "exit code; 128 + signal when one ended the command"},
    {"exit.ok", boolean, A::all, "command", "the command exited with 0"},
    {"file.count", number, A::sum, "file", "declared files that exist"},
    {"file.present", boolean, A::all, "file", "every declared file exists and is fresh"},
    {"imports.files", number, A::sum, "imports", "sources whose imports were read"},
    {"imports.violations", number, A::sum, "imports", "imports that break a rule of the law"},
    {"register.entries", number, A::sum, "register", "dependencies and trust boundaries listed"},
    {"register.missing", number, A::sum, "register", "sections that the law asks for and lacks"},
    {"risk.highest", number, A::max, "risk", "the highest risk score of any area, 1 to 5"},
    {"risk.notes", number, A::sum, "risk", "rollback and simulation notes on record"},
    {"scan.files", number, A::sum, "scan", "files that were scanned"},
    {"scan.violations", number, A::sum, "scan", "findings of forbidden patterns"},
    {"statement.count", number, A::sum, "statement", "signed submissions of external steps"},
    {"steps.unfinished", number, A::last, "run", "earlier steps that have not passed"},
    {"steps.unproved", number, A::last, "run", "earlier steps that passed on another tree"},
    {"test_evidence.assertion_free", number, A::sum, "test_evidence", "tests that assert nothing"},
    {"test_evidence.status_only", number, A::sum, "test_evidence",
     "tests that assert only a status or a flag"},
    {"test_evidence.total", number, A::sum, "test_evidence", "tests in the test evidence table"},
    {"tests.failed", number, A::sum, "tests",
     "tests that failed or could not run, and are no known failures"},
    {"tests.known", number, A::sum, "tests", "tests that failed as the spec's known_failures say"},
    {"tests.passed", number, A::sum, "tests", "tests that passed"},
    {"tests.skipped", number, A::sum, "tests", "tests that were skipped"},
    {"tests.total", number, A::sum, "tests", "tests in the report, whatever came of them"},
    {"usage.micro_usd", number, A::sum, "usage", "money spent, in millionths of a US dollar"},
    {"usage.tokens", number, A::sum, "usage", "tokens spent, asked and answered"},
};

bool is_wildcard(const FactRow& row) { return row.name.ends_with(".*"); }

}  // namespace

std::span<const FactRow> fact_table() { return kFacts; }

const FactRow* find_fact(std::string_view name) {
  const auto at = std::ranges::lower_bound(kFacts, name, {}, &FactRow::name);
  if (at != std::end(kFacts) && at->name == name && !is_wildcard(*at)) return at;
  for (const FactRow& row : kFacts) {
    const std::string_view stem = row.name.substr(0, row.name.size() - 1);
    if (is_wildcard(row) && name.starts_with(stem) && name.size() > stem.size()) return &row;
  }
  return nullptr;
}

}  // namespace writ::policy
