#pragma once
// Packets (LAW-08): parts of the work that go on side by side, each in a git worktree of its own.
// Private to the module.
#include <vector>

#include "base/result.h"
#include "protocol/plan.h"

namespace writ::protocol {

// Under a sequential law what a step changed must be its own: whatever writes to the tree comes
// one after the other, packets aside. Reports each pair that could run at once.
void check_packets(const Plan& plan, std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
