#pragma once
// A body in the order in which it runs, kept until the types of the rules it refers to are known.
// Private to policy.
#include <vector>

#include "policy/compile/goal.h"

namespace writ::rego {

struct BodyOrder {
  struct Step {
    const Goal* goal = nullptr;    // in `goals`, or in the goal around it
    std::vector<BodyOrder> inner;  // of comprehensions, every, negations and with
  };
  std::vector<Goal> goals;       // those that no other goal holds
  std::vector<ast::Term> heads;  // simple terms
  std::vector<Step> steps;
};

}  // namespace writ::rego
