#include "execution/scope_check.h"

#include <algorithm>

#include "base/safe_path.h"

namespace writ::execution {
namespace {

// Of the paths kept inline in the evidence; the counts are of all.
constexpr std::size_t kPathsKept = 100;

bool matches_any(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches(glob, path); });
}

bool is_in_scope(const protocol::Scope& scope, const repo::Change& change) {
  if (matches_any(scope.may_change, change.path)) return true;
  return change.kind == repo::ChangeKind::added &&
         matches_any(scope.allowed_new_files, change.path);
}

Problem outside_scope(const repo::Change& change) {
  Problem problem;
  problem.file = change.path;
  problem.rule = "scope";
  problem.message = change.kind == repo::ChangeKind::added
                        ? "is new and not among the spec's allowed_new_files"
                        : "was changed and is not among the spec's may_change";
  problem.remedy = "Revert it, or widen the scope in a new revision of the spec";
  return problem;
}

Problem over_budget(std::string file, std::string_view name, std::uint64_t measured,
                    std::uint64_t allowed, std::string_view unit) {
  Problem problem;
  problem.file = std::move(file);
  problem.rule = "budget." + std::string(name);
  problem.message = "over budget: " + std::string(name) + " is " + std::to_string(measured) + " " +
                    std::string(unit) + ", allowed is " + std::to_string(allowed);
  problem.remedy = "Make the change smaller, or split the spec";
  return problem;
}

void check_budget(const protocol::Budget& budget, ScopeReport& report) {
  std::uint64_t total = 0;
  const auto hold = [&](std::string file, std::string_view name, std::uint64_t measured,
                        const std::optional<std::uint32_t>& allowed, std::string_view unit) {
    if (!allowed || measured <= *allowed) return;
    report.over_budget.push_back(over_budget(std::move(file), name, measured, *allowed, unit));
  };
  for (const repo::Change& change : report.changes) {
    total += change.lines_added;
    hold(change.path, "max_lines_per_file", change.lines_now, budget.max_lines_per_file, "lines");
  }
  hold("", "max_files", report.changes.size(), budget.max_files, "changed files");
  hold("", "max_total_lines", total, budget.max_total_lines, "added lines");
}

}  // namespace

evidence::Draft ScopeReport::draft() const {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint32_t largest = 0;
  Array paths;
  for (const repo::Change& change : changes) {
    added += change.lines_added;
    removed += change.lines_removed;
    largest = std::max(largest, change.lines_now);
    if (paths.size() < kPathsKept) paths.emplace_back(change.path);
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::diff;
  draft.name = "diff";
  draft.data =
      Object{{"files", changes.size()},
             {"lines_added", added},
             {"lines_removed", removed},
             {"paths", std::move(paths)},
             {"paths_left_out", changes.size() > kPathsKept ? changes.size() - kPathsKept : 0}};
  draft.facts = {{"diff.files", Value(changes.size())},
                 {"diff.lines_added", Value(added)},
                 {"diff.lines_removed", Value(removed)},
                 {"diff.largest_file", Value(largest)},
                 {"diff.outside_scope", Value(outside.size())},
                 {"diff.over_budget", Value(over_budget.size())}};
  return draft;
}

ScopeReport check_scope(const protocol::Plan& plan, std::vector<repo::Change> changes) {
  ScopeReport report;
  report.changes = std::move(changes);
  if (plan.scope.is_locked) {
    for (const repo::Change& change : report.changes) {
      if (!is_in_scope(plan.scope, change)) report.outside.push_back(outside_scope(change));
    }
  }
  check_budget(plan.budget, report);
  return report;
}

}  // namespace writ::execution
