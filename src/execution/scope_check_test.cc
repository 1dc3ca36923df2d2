#include "execution/scope_check.h"

#include <gtest/gtest.h>

namespace writ::execution {
namespace {

using repo::ChangeKind;

repo::Change change(std::string path, ChangeKind kind = ChangeKind::modified,
                    std::uint32_t added = 1, std::uint32_t now = 10) {
  repo::Change out;
  out.path = std::move(path);
  out.kind = kind;
  out.lines_added = added;
  out.lines_now = now;
  return out;
}

protocol::Plan locked(std::vector<std::string> may_change,
                      std::vector<std::string> new_files = {}) {
  protocol::Plan plan;
  plan.scope.is_locked = true;
  plan.scope.may_change = std::move(may_change);
  plan.scope.allowed_new_files = std::move(new_files);
  return plan;
}

std::vector<std::string> files_of(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(problem.file);
  return out;
}

using Files = std::vector<std::string>;

TEST(ScopeCheck, FindsEveryChangeOutsideALockedScope) {
  const ScopeReport report = check_scope(
      locked({"src/**"}, {"docs/new.md"}),
      {change("src/a.cc"), change("src/new.cc", ChangeKind::added),
       change("docs/new.md", ChangeKind::added), change("docs/old.md"),
       change("docs/other.md", ChangeKind::added), change("build.sh", ChangeKind::removed)});
  EXPECT_EQ(files_of(report.outside), (Files{"docs/old.md", "docs/other.md", "build.sh"}));
  EXPECT_EQ(report.outside[0].message, "was changed and is not among the spec's may_change");
  EXPECT_EQ(report.outside[1].message, "is new and not among the spec's allowed_new_files");
  EXPECT_EQ(report.outside[0].rule, "scope");
  EXPECT_TRUE(report.over_budget.empty());
}

TEST(ScopeCheck, AllowsANewFileOnlyToBeNew) {
  const auto plan = locked({}, {"docs/new.md"});
  EXPECT_TRUE(check_scope(plan, {change("docs/new.md", ChangeKind::added)}).outside.empty());
  EXPECT_EQ(files_of(check_scope(plan, {change("docs/new.md", ChangeKind::modified)}).outside),
            Files{"docs/new.md"});
}

TEST(ScopeCheck, BindsNothingWithoutALock) {
  EXPECT_TRUE(check_scope({}, {change("anything")}).outside.empty());
}

TEST(ScopeCheck, MeasuresEachBudgetOfSizeAtItsLimit) {
  protocol::Plan plan;
  plan.budget.max_files = 2;
  plan.budget.max_lines_per_file = 10;
  plan.budget.max_total_lines = 20;
  const ScopeReport within = check_scope(
      plan, {change("a", ChangeKind::modified, 10, 10), change("b", ChangeKind::added, 10, 10)});
  EXPECT_TRUE(within.over_budget.empty());
  const ScopeReport over = check_scope(
      plan, {change("a", ChangeKind::modified, 10, 11), change("b", ChangeKind::added, 10, 10),
             change("c", ChangeKind::removed, 1, 0)});
  ASSERT_EQ(over.over_budget.size(), 3u);
  EXPECT_EQ(over.over_budget[0].file, "a");
  EXPECT_EQ(over.over_budget[0].message,
            "over budget: max_lines_per_file is 11 lines, allowed is 10");
  EXPECT_EQ(over.over_budget[1].message, "over budget: max_files is 3 changed files, allowed is 2");
  EXPECT_EQ(over.over_budget[2].message,
            "over budget: max_total_lines is 21 added lines, allowed is 20");
}

TEST(ScopeCheck, KeepsCountsOfAllAndPathsOfTheFirstHundred) {
  std::vector<repo::Change> changes;
  for (int i = 0; i < 103; ++i) {
    changes.push_back(change("f" + std::to_string(i), ChangeKind::modified, 2, 7));
    changes.back().lines_removed = 1;
  }
  const evidence::Draft draft = check_scope(locked({"f1"}), std::move(changes)).draft();
  EXPECT_EQ(draft.kind, evidence::Kind::diff);
  EXPECT_EQ(draft.data.integer_or("files", 0), 103);
  EXPECT_EQ(draft.data.integer_or("lines_added", 0), 206);
  EXPECT_EQ(draft.data.integer_or("lines_removed", 0), 103);
  EXPECT_EQ(draft.data.find("paths")->as_array().size(), 100u);
  EXPECT_EQ(draft.data.integer_or("paths_left_out", 0), 3);
  EXPECT_EQ(draft.facts.at("diff.files"), Value(103));
  EXPECT_EQ(draft.facts.at("diff.largest_file"), Value(7));
  EXPECT_EQ(draft.facts.at("diff.outside_scope"), Value(102));
  EXPECT_EQ(draft.facts.at("diff.over_budget"), Value(0));
}

}  // namespace
}  // namespace writ::execution
