#pragma once
// The scope lock (LAW-07), the sequential rule (LAW-08) and the budgets of size (LAW-11), judged
// by the diff against the base revision: whatever route a change took, it is in the tree.
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/record.h"
#include "execution/step_executor.h"
#include "protocol/plan.h"
#include "repo/repo.h"

namespace writ::execution {

struct ScopeReport {
  std::vector<repo::Change> changes;
  std::vector<Problem> outside;  // changed, and neither may_change nor allowed new
  std::vector<Problem> over_budget;

  // diff evidence: counts, paths (bounded), facts diff.*.
  evidence::Draft draft() const;
};

ScopeReport check_scope(const protocol::Plan& plan, std::vector<repo::Change> changes);

}  // namespace writ::execution
