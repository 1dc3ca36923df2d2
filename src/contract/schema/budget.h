#pragma once
// What one validation may still use up, and the schemas that it has entered.
#include <cstdint>
#include <vector>

#include "contract/schema/program.h"

namespace writ::contract {

// What one validation uses up. Once it has given up nothing that it answers counts.
struct Budget {
  explicit Budget(const ValidationLimits& limits) : steps(limits.steps), depth(limits.depth) {}

  std::uint64_t steps;
  std::uint32_t depth;  // levels left
  bool gave_up = false;
  std::vector<std::uint32_t> scope;  // resources entered, outermost first
};

// Counts one level and keeps the dynamic scope while it lives.
class Level {
 public:
  Level(const Program& program, const Block& block, Budget& budget)
      : budget_(budget), is_scope_(program.uses_dynamic_scope) {
    if (budget_.steps == 0 || budget_.depth == 0) {
      budget_.gave_up = true;
    } else {
      --budget_.steps;
    }
    --budget_.depth;
    if (is_scope_) budget_.scope.push_back(block.resource);
  }
  ~Level() {
    ++budget_.depth;
    if (is_scope_) budget_.scope.pop_back();
  }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Budget& budget_;
  bool is_scope_;
};

// The outermost schema in the dynamic scope that has the anchor.
inline BlockId dynamic_target(const Program& program, const DynamicCall& call,
                              const Budget& budget) {
  const auto& targets = program.dynamic_targets[call.anchor];
  for (const std::uint32_t resource : budget.scope) {
    if (targets[resource] != kNone) return targets[resource];
  }
  return call.fallback;
}

}  // namespace writ::contract
